import type { DoctorSection } from "./doctor_section.ts";

/** Sections that ask AWS: credentials, permissions, parameters, quotas, networks. */
export const ACCOUNT_SECTIONS: readonly DoctorSection[] = [];
