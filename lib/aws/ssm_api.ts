import type { CallOptions, Page } from "./ec2_api.ts";

/** One SSM parameter as Parameter Store answers it. */
export interface Parameter {
  /** Full name, with its path. */
  readonly name: string;
  /** What it holds. */
  readonly type: "String" | "StringList" | "SecureString";
  /** The value; a SecureString is encrypted unless decryption was asked for. */
  readonly value: string;
  /** Counted from 1, one more with each change. */
  readonly version: number;
}

/** The SSM Parameter Store operations that we call, named as SSM names them, and no others. */
export interface SsmApi {
  /** One parameter; throws `ParameterNotFound` when it is missing. */
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
  /** Writes a value; throws `ParameterAlreadyExists` unless Overwrite is set. `Type` is needed for a new one. */
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
