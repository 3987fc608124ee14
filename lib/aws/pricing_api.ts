import type { CallOptions, Page } from "./ec2_api.ts";

/** A product's attribute and the value that it must have, e.g. `instanceType` and `c7i.large`. */
export interface PricingFilter {
  /** Name of the attribute. */
  readonly Field: string;
  /** Its value, exactly. */
  readonly Value: string;
}

/** The Price List operation that people's commands call; hooks never do. */
export interface PricingApi {
  /**
   * Entries of AWS's price list as they come: each a JSON document whose shape depends on the service
   * (https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html).
   * At most 100 a page. Throws {@link AwsError}.
   */
  getProducts(
    input: {
      readonly ServiceCode: string;
      /** All must match. */
      readonly Filters?: readonly PricingFilter[];
      readonly MaxResults?: number;
      readonly NextToken?: string;
    },
    options?: CallOptions,
  ): Promise<Page<string>>;
}
