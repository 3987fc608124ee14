/** Why a launch did not happen, by AWS's code or one of ours. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}
