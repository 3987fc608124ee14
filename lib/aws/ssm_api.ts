import type { CallOptions, Page } from "./ec2_api.ts";

/** One SSM parameter as Parameter Store answers it. */
export interface Parameter {
  readonly name: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly value: string;
  readonly version: number;
}

/** The SSM Parameter Store operations that we call, named as SSM names them, and no others. */
export interface SsmApi {
  getParameter(
    input: { readonly Name: string; readonly WithDecryption?: boolean },
    options?: CallOptions,
  ): Promise<Parameter>;
  /** 1 to 10 names a call; missing names come back in `invalidParameters`, they do not throw. */
  getParameters(
    input: { readonly Names: readonly string[]; readonly WithDecryption?: boolean },
    options?: CallOptions,
  ): Promise<{ readonly parameters: readonly Parameter[]; readonly invalidParameters: readonly string[] }>;
  /** At most 10 a page; a page may be empty and still have a next one. */
  getParametersByPath(
    input: {
      readonly Path: string;
      readonly Recursive?: boolean;
      readonly WithDecryption?: boolean;
      readonly MaxResults?: number;
      readonly NextToken?: string;
    },
    options?: CallOptions,
  ): Promise<Page<Parameter>>;
  putParameter(
    input: {
      readonly Name: string;
      readonly Value: string;
      readonly Type?: "String" | "StringList" | "SecureString";
      readonly Overwrite?: boolean;
    },
    options?: CallOptions,
  ): Promise<{ readonly version: number }>;
}
