/** What `scontrol show nodes` says of a node, as far as the records differ between nodes. */
export interface NodeRecord {
  readonly name: string;
  readonly address: string;
  readonly state: string;
  readonly instanceId?: string;
}

/** `scontrol show nodes` in the words of Slurm 24.11: peers read it, so a record is as long as a real one. */
export function nodeRecords(records: readonly NodeRecord[]): string {
  return records.map(nodeRecord).join("\n");
}

/** The same with a line for each node, as `scontrol show nodes -o` has it. */
export function nodeLines(records: readonly NodeRecord[]): string {
  return records.map((record) => `${nodeRecord(record).replace(/\n +/g, " ").trimEnd()}\n`).join("");
}

function nodeRecord({ name, address, state, instanceId = "(null)" }: NodeRecord): string {
  const up = instanceId !== "(null)";
  const time = up ? "2026-01-01T00:00:00" : "None";
  return `NodeName=${name} ${up ? "Arch=x86_64 " : ""}CoresPerSocket=1 
   CPUAlloc=0 CPUEfctv=2 CPUTot=2 CPULoad=${up ? "0.00" : "N/A"}
   AvailableFeatures=dynamic,c7i.large,c7i
   ActiveFeatures=dynamic,c7i.large,c7i
   Gres=(null)
   NodeAddr=${address} NodeHostName=${name} 
   RealMemory=3891 AllocMem=0 FreeMem=${up ? "3200" : "N/A"} Sockets=2 Boards=1
   State=${state} ThreadsPerCore=1 TmpDisk=0 Weight=1000 Owner=N/A MCS_label=N/A
   Partitions=bench 
   BootTime=${time} SlurmdStartTime=${time}
   LastBusyTime=2026-01-01T00:00:00 ResumeAfterTime=None
   CfgTRES=cpu=2,mem=3891M,billing=2
   AllocTRES=
   CurrentWatts=0 AveWatts=0
   
   InstanceId=${instanceId} InstanceType=${up ? "c7i.large" : "(null)"}
`;
}
