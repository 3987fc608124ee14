/** What slurmctld may log as an error for reasons that lie outside of its configuration's text. */
const ENVIRONMENT: readonly RegExp[] = [
  /pmix/i,
  /state file|state save file|_state: No such file|NOTE: Trying backup/,
  /default partition not set/,
  /Unable to process configuration file/,
  // This daemon has no database.
  /can only be used with SlurmDBD/,
  /^High latency for/,
  // slurmctld itself says that it may not matter.
  /please ignore error/,
  /Failed to .*clustername|Configured MailProg/,
];

/** Which rules account for an error that slurmctld logs about its configuration. */
const RULES_BY_MESSAGE: readonly (readonly [RegExp, readonly string[]])[] = [
  [/specified more than once, latest value used/, ["SC013", "PS034", "CF003"]],
  [/^"Include" failed|^s_p_parse_file: (?:cannot stat|unable to read)/, [
    "CF002",
    "CF003",
    "CF004",
    "CF005",
    "CF007",
    "SC011",
  ]],
  // Of a file that includes itself slurmctld reads every line again until it has no descriptor left.
  [/^Duplicate SlurmctldHost records/, ["CF003"]],
  [/^error opening\/reading gres.conf/, ["CF004", "CF014"]],
  [/Invalid GRES record/, ["CF015"]],
  [/unrecognized key/, ["SC011", "CF014", "PS023", "PS027", "PS028", "PS030"]],
  [/option "NoAddrCache" is defunct/, ["CL001"]],
  [/option "cloud_reg_addrs" is defunct/, ["CL002"]],
  [/is defunct|option has been removed|obsolete FastSchedule|parameter has moved|^KeepAliveTime/, [
    "SC010",
    "SC011",
    "SC008",
    "CF012",
  ]],
  [/^MaxArraySize value .* greater than 4000001/, ["SC022", "CF012"]],
  [/is not a valid number|is less than zero|is greater than|is out of range|is not a valid option/, [
    "CF005",
    "PS009",
    "PS015",
    "CL007",
    "CL019",
  ]],
  [/^Parse error in file/, ["CF004", "CF005", "CF014", "PS009", "SC011", "PS027", "PS028", "PS030"]],
  [/Duplicated NodeName|Duplicated NodeHostName|overlaps with an existing NodeName/i, ["CL022"]],
  [/duplicate entry for partition/i, ["CL030"]],
  [/Invalid node names? in partition|invalid node name|lookup failure for node/i, ["CL023", "CF013"]],
  [/UnkillableStepTimeout must be at least/, ["SC005"]],
  [/can not exceed|needs to be greater than|too high for|must be at least|cannot be zero/, [
    "SC022",
    "SC004",
    "CF012",
  ]],
  [
    /FirstJobId > MaxJobId|No jobs permitted|^Bad PropagatePrio|^Invalid SlurmctldPort|^SlurmSchedLogLevel requires/,
    ["SC022", "CF012"],
  ],
  [/must be less than HealthCheckInterval/, ["CF012"]],
  [/larger than the maximum allowed value for UnkillableStepTimeout/, ["SC004", "SC005", "CF012"]],
  [/past MaxNodeCount|node table is full|^Specified MaxNodeCount/, ["CL019", "CL032", "CF012"]],
  [/^power_save module disabled/, ["PS001", "PS002", "PS004"]],
  [/^DownNode .* does not exist/, ["CF013"]],
  [/not allowed with NodeName=DEFAULT/, ["CL021"]],
  [/Invalid SuspendExcPart/, ["PS025"]],
  [/not absolute pathname|^Invalid \w+ PowerAction/, ["PS002"]],
  [/^PowerAction '.*' requires/, ["PS030"]],
  [/select\/cons_res|node selection plugin/, ["SC007"]],
  [/match no Sockets|doesn't match neither Sockets/, ["CL014"]],
  [/suspend\/resume rate exceeds/, ["PS015", "CF012"]],
  [/^TreeWidth=0 is invalid/, ["CL007"]],
];

/** The ids of rules of which one should have spoken; empty: not our business; undefined: nobody knows that message. */
export function rulesFor(error: string): readonly string[] | undefined {
  if (ENVIRONMENT.some((pattern) => pattern.test(error))) return [];
  return RULES_BY_MESSAGE.find(([pattern]) => pattern.test(error))?.[1];
}
