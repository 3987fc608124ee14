/** What an AWS service, or the way to it, answered instead of a result: the SDK's exception, converted once. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** AWS's error code, e.g. `InsufficientInstanceCapacity`; the table in error_codes.ts sorts them. */
  readonly code: string;
  /** The operation that failed, e.g. `RunInstances`. */
  readonly operation: string;
  readonly httpStatus?: number;
  /** AWS's id of the failed request, for a support case. */
  readonly requestId?: string;

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
