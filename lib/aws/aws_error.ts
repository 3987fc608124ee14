/** What an AWS service, or the way to it, answered instead of a result: the SDK's exception, converted once. */
export class AwsError extends Error {
  /** Always `AwsError`. */
  override readonly name = "AwsError";
  /** AWS's error code, e.g. `InsufficientInstanceCapacity`; the table in error_codes.ts sorts them. */
  readonly code: string;
  /** The operation that failed, e.g. `RunInstances`. */
  readonly operation: string;
  /** Status of the answer; absent when none came. */
  readonly httpStatus?: number;
  /** AWS's id of the failed request, for a support case. */
  readonly requestId?: string;

  /** Takes what AWS said, or our own words where it did not speak. */
  constructor(
    fields: {
      readonly code: string;
      readonly message: string;
      readonly operation: string;
      readonly httpStatus?: number;
      readonly requestId?: string;
      readonly cause?: unknown;
    },
  ) {
    super(fields.message, { cause: fields.cause });
    this.code = fields.code;
    this.operation = fields.operation;
    this.httpStatus = fields.httpStatus;
    this.requestId = fields.requestId;
  }
}
