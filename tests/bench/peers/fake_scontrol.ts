import { SEPARATOR } from "./scontrol_log.ts";

/** Files of a scontrol that is no slurmctld's. */
export interface FakeScontrol {
  /** Every call, a line each; arguments end with {@link SEPARATOR}. */
  readonly log: string;
  /** The same of calls that change something: as old as the last change. */
  readonly updates: string;
  /** `scontrol show nodes` before any change; with a dot and a hostlist behind its name, of these nodes alone. */
  readonly nodes: string;
  /** The same with a line for each node. */
  readonly nodeLines: string;
}

/**
 * A scontrol that costs every program what a process costs and answers at once. What it was told of addresses and states
 * it shows from then on, to those who ask for a line a node.
 */
export function fakeScontrol({ log, updates, nodes, nodeLines }: FakeScontrol): string {
  // One write a call, for two may run at once.
  return `call=
for argument; do call="$call$argument${SEPARATOR}"; done
printf '%s\\n' "$call" >>${log}
case "$1 $2" in
  update*) printf '%s\\n' "$call" >>${updates} ;;
  'show config') printf '%s\\n' 'ResumeTimeout           = 1800 sec' 'SuspendTimeout          = 120 sec' ;;
  'show nodes')
    case $3 in
      -o)
        [ -n "\${4-}" ] || [ -s ${updates} ] || exec cat ${nodeLines}
        exec awk -v "wanted=\${4-}" '${AS_TOLD}' ${updates} ${nodeLines}
        ;;
      *)
        [ ! -f "${nodes}.$3" ] || exec cat "${nodes}.$3"
        exec cat ${nodes}
        ;;
    esac
    ;;
  'show partition') echo 'PartitionName=bench State=UP TotalCPUs=2000 TotalNodes=1000 ResumeTimeout=GLOBAL SuspendTimeout=GLOBAL SuspendTime=600' ;;
  'show partitions') printf '%s\\n' 'PartitionName=bench' '   State=UP TotalCPUs=2000 TotalNodes=1000' ;;
  'show reservations') echo 'No reservations in the system' ;;
esac`;
}

/** An awk program: the updates first, then the nodes that are wanted, with the address and the state last given. */
const AS_TOLD = String.raw`
  # Numbers its way through a hostlist; what a node gets goes into these arrays.
  function each(list, what,   ranges, ends, count, i, n, at) {
    gsub(/bench-dy-c7i-|\[|\]/, "", list)
    count = split(list, ranges, ",")
    for (i = 1; i <= count; i++) {
      split(ranges[i] "-" ranges[i], ends, "-")
      for (n = ends[1] + 0; n <= ends[2] + 0; n++) {
        at++
        if (what == "wanted") isWanted["bench-dy-c7i-" n] = 1
        if (what == "state") given["bench-dy-c7i-" n] = shown[state]
        if (what == "address") place["bench-dy-c7i-" n] = address[at]
      }
    }
  }
  BEGIN {
    FS = "${SEPARATOR}"
    shown["DOWN"] = "DOWN+CLOUD"
    shown["POWER_DOWN_FORCE"] = "IDLE+CLOUD+POWER_DOWN"
    each(wanted, "wanted")
  }
  FILENAME ~ /updates$/ {
    list = state = addresses = ""
    for (i = 2; i <= NF; i++) {
      value = $i
      sub(/^[^=]*=/, "", value)
      if (tolower($i) ~ /^nodename=/) list = value
      if (tolower($i) ~ /^state=/) state = toupper(value)
      if (tolower($i) ~ /^nodeaddr=/) addresses = value
    }
    if (state in shown) each(list, "state")
    if (addresses != "") { split(addresses, address, ","); each(list, "address") }
    next
  }
  {
    name = $0
    sub(/^NodeName=/, "", name)
    sub(/ .*/, "", name)
    if (wanted != "" && !(name in isWanted)) next
    if (name in given) sub(/State=[^ ]*/, "State=" given[name])
    if (name in place) sub(/NodeAddr=[^ ]*/, "NodeAddr=" place[name])
    print
  }
`;
