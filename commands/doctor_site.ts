import type { DoctorSection } from "./doctor_section.ts";

/** Sections that ask this machine and its network: names, ports, mounts, users, clock, munge, Slurm. */
export const SITE_SECTIONS: readonly DoctorSection[] = [];
