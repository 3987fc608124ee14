import type { Actions } from "../actions.ts";
import { document, element, text } from "./xml.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** The document that STS answers GetCallerIdentity with. */
export function stsAnswer(answer: Actions["GetCallerIdentity"]["answer"], requestId: string): string {
  const result = element(
    "GetCallerIdentityResult",
    text("Arn", answer.arn),
    text("UserId", answer.userId),
    text("Account", answer.account),
  );
  const metadata = element("ResponseMetadata", text("RequestId", requestId));
  return document(
    `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${result}${metadata}</GetCallerIdentityResponse>`,
  );
}

/** The document that STS refuses a request with. */
export function stsRefusal(
  refusal: { readonly code: string; readonly message: string },
  requestId: string,
): string {
  const error = element(
    "Error",
    text("Type", "Sender"),
    text("Code", refusal.code),
    text("Message", refusal.message),
  );
  return document(
    `<ErrorResponse xmlns="${NAMESPACE}">${error}${text("RequestId", requestId)}</ErrorResponse>`,
  );
}
