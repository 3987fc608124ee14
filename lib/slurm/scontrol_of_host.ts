import { type ScontrolApi, ScontrolError } from "./scontrol_api.ts";

/**
 * scontrol of a host that has a slurmctld of its own, next to another host's: changes go to that one alone, since it is
 * the one that was asked whether it is in charge. A client with the whole slurm.conf tries the primary first, and where
 * that is paused, or its machine is off, waits for MessageTimeout or fails (22.05.8, 24.11.5 and 26.05.5 looked at).
 * Questions go to the other one where the own one does not answer.
 */
export function scontrolOfHost(own: ScontrolApi, all: ScontrolApi): ScontrolApi {
  const ask = async <T>(question: (one: ScontrolApi) => Promise<T>): Promise<T> => {
    try {
      return await question(own);
    } catch (error) {
      if (!(error instanceof ScontrolError)) throw error;
      return await question(all);
    }
  };
  return {
    updateAddresses: (addresses) => own.updateAddresses(addresses),
    updateState: (nodes, state, reason) => own.updateState(nodes, state, reason),
    updateJobComment: (jobIds, comment) => own.updateJobComment(jobIds, comment),
    notifyTerminal: (jobId, message) => own.notifyTerminal(jobId, message),
    showNodes: (nodes) => ask((one) => one.showNodes(nodes)),
    showConfig: () => ask((one) => one.showConfig()),
    showPartitions: () => ask((one) => one.showPartitions()),
    showJob: (job) => ask((one) => one.showJob(job)),
  };
}
