import type { Rule } from "../rule.ts";
import { downNodesState, downNodesUnknown } from "./cf_down_nodes.ts";
import {
  directoryInclude,
  includeLoop,
  openContinuation,
  relativeInclude,
  unparsableText,
  unreadableInclude,
  unreadableText,
} from "./cf_file.ts";
import { gresCount, unknownGresKey } from "./cf_gres.ts";
import { valueOutOfLimits } from "./cf_limits.ts";
import { swallowedSetting, valueOfWrongType } from "./cf_values.ts";
import {
  cloudDnsFanOut,
  cloudNodeAddr,
  cloudRegAddrs,
  cloudWordMisplaced,
  fanOutToUnknownAddresses,
  noAddrCache,
  privateDataCloud,
  privateDataCloudMissing,
} from "./cloud_addresses.ts";
import {
  cloudWeight,
  futureNodes,
  gresUndefined,
  memoryPercentDefault,
  memoryPercentNotLast,
  memoryPercentOverridden,
  memoryWithoutMargin,
  tooManyCloudNodes,
} from "./cloud_nodes.ts";
import { configlessOff, includeNotPushed, scriptNotPushed } from "./configless.ts";
import { clusterNameMissing, slurmctldHostMissing, slurmctldHostRepeated } from "./controller_identity.ts";
import {
  databaseInSlurmConf,
  debugFlagPowerMissing,
  limitOutOfRange,
  partitionStateNotKept,
  stateSaveLocationVolatile,
} from "./controller_settings.ts";
import { messageTimeoutLong, slurmdTimeoutWrong, unkillableStepTimeoutShort } from "./controller_times.ts";
import { dynamicNodesRefused, maxNodeCountTooLow, routeByTopology } from "./dynamic_nodes.ts";
import {
  batchStartTimeoutShort,
  idleOnNodeSuspendMissing,
  messageTimeoutShort,
  prologWithoutAlloc,
  requeueDelayLong,
  requeueOnResumeFailure,
  returnToServiceOff,
  waitNodesMissing,
} from "./job_start.ts";
import { autoDetectOnCloud, gresDisagrees, gresRecordsRefused } from "./gres_agreement.ts";
import { cpusDisagree } from "./node_cpus.ts";
import { defaultsLeak, defaultsReachNothing } from "./node_defaults.ts";
import { nodeSizeReset } from "./node_sizes.ts";
import { duplicateNodeName, nodeListMismatch, nodeStateInvalid, reservedNodeName } from "./node_names.ts";
import { valueSlurmRefuses } from "./oracle_values.ts";
import { emptyWord, valueOnNextLine } from "./parameter_words.ts";
import { overlappingTimes, powerDownOnIdle, recordTimeTooEarly } from "./partition_power_save.ts";
import {
  defaultPartitionMissing,
  duplicatePartition,
  nothingToRun,
  partitionNodesUnknown,
  partitionStateInvalid,
} from "./partitions.ts";
import {
  powerActionInvalid,
  powerSaveIntervalTooLong,
  powerSaveProgramMissing,
  powerSavingWithoutCloud,
  suspendTimeMissing,
} from "./power_save_enabled.ts";
import { programPathRelative, resumeFailProgramMissing } from "./power_save_programs.ts";
import {
  maxPoweredNodesTooLow,
  rateInvalid,
  resumeRateLow,
  resumeTimeoutBelowQuota,
  suspendRateLow,
} from "./power_save_rates.ts";
import {
  resumeTimeoutLong,
  resumeTimeoutShort,
  suspendTimeBelowTimeouts,
  suspendTimeoutLong,
  suspendTimeoutShort,
  suspendTimeShort,
  timeoutTooLarge,
} from "./power_save_timing.ts";
import { partitionWithoutNodes } from "./partition_without_nodes.ts";
import { readyEndsBeforeBoot, readyMissing, relativeControllerProlog } from "./ready_prolog.ts";
import { prologFlagsConflict, stepManagerWithoutContain } from "./prolog_flags.ts";
import { consResRemoved, defunctKey, fastScheduleRemoved } from "./removed_settings.ts";
import { exclusiveKeys } from "./sc_exclusive_keys.ts";
import { noControllerPort } from "./controller_ports.ts";
import { unknownLogLevel } from "./log_level.ts";
import { gresPartlyTyped } from "./gres_types.ts";
import { pluginNotOfSlurm } from "./foreign_plugin.ts";
import { noSinglePlugin } from "./one_plugin.ts";
import { unknownResourceLimit } from "./rlimit_names.ts";
import { textLostToComment } from "./sc_lost_comment.ts";
import { repeatedInclude } from "./sc_repeated_includes.ts";
import { repeatedKey } from "./sc_repeated_keys.ts";
import { brokenStateExcluded, cloudStateExcluded, suspendExcStatesInvalid } from "./suspend_exc_states.ts";
import {
  exclusionRepeated,
  globalSuspendTime,
  powerSaveSettingsNotKept,
  suspendExcNodesUnknown,
  suspendExcPartsUnknown,
} from "./suspend_exclusions.ts";
import { defaultNotHandedOn, suspendTimeNoNumber } from "./suspend_time_text.ts";
import { cloudOutsideTopology } from "./topology.ts";
import { topologyConfRefused } from "./topology_file.ts";
import { settingsTogether } from "./settings_together.ts";
import { nodeOfUnknownTopology } from "./node_topology.ts";
import { topologyYamlRefused } from "./topology_yaml.ts";
import { tresWeights } from "./tres_weights.ts";
import { treeWidthInvalid, treeWidthOldDefault, treeWidthOverflow, treeWidthWide } from "./tree_width.ts";
import { unknownKey } from "./unknown_keys.ts";
import { unknownWord } from "./unknown_words.ts";

/** Every rule, by id. */
export const RULES: readonly Rule[] = [
  unreadableText,
  unreadableInclude,
  includeLoop,
  unparsableText,
  directoryInclude,
  relativeInclude,
  openContinuation,
  valueOfWrongType,
  valueOutOfLimits,
  downNodesUnknown,
  downNodesState,
  gresRecordsRefused,
  gresDisagrees,
  autoDetectOnCloud,
  defaultsReachNothing,
  nodeSizeReset,
  partitionWithoutNodes,
  scriptNotPushed,
  powerSavingWithoutCloud,
  exclusiveKeys,
  textLostToComment,
  cloudOutsideTopology,
  topologyConfRefused,
  topologyYamlRefused,
  settingsTogether,
  tresWeights,
  valueSlurmRefuses,
  unknownResourceLimit,
  noSinglePlugin,
  noControllerPort,
  nodeOfUnknownTopology,
  unknownGresKey,
  gresCount,
  swallowedSetting,
  noAddrCache,
  cloudRegAddrs,
  privateDataCloud,
  privateDataCloudMissing,
  fanOutToUnknownAddresses,
  cloudDnsFanOut,
  cloudWordMisplaced,
  cloudNodeAddr,
  memoryWithoutMargin,
  memoryPercentOverridden,
  gresUndefined,
  futureNodes,
  cloudWeight,
  tooManyCloudNodes,
  memoryPercentDefault,
  memoryPercentNotLast,
  includeNotPushed,
  configlessOff,
  slurmctldHostMissing,
  clusterNameMissing,
  slurmctldHostRepeated,
  debugFlagPowerMissing,
  stateSaveLocationVolatile,
  partitionStateNotKept,
  limitOutOfRange,
  databaseInSlurmConf,
  messageTimeoutLong,
  unkillableStepTimeoutShort,
  slurmdTimeoutWrong,
  routeByTopology,
  dynamicNodesRefused,
  maxNodeCountTooLow,
  idleOnNodeSuspendMissing,
  returnToServiceOff,
  waitNodesMissing,
  requeueOnResumeFailure,
  requeueDelayLong,
  relativeControllerProlog,
  readyEndsBeforeBoot,
  readyMissing,
  batchStartTimeoutShort,
  messageTimeoutShort,
  prologWithoutAlloc,
  cpusDisagree,
  defaultsLeak,
  nodeListMismatch,
  reservedNodeName,
  duplicateNodeName,
  nodeStateInvalid,
  emptyWord,
  valueOnNextLine,
  powerDownOnIdle,
  recordTimeTooEarly,
  overlappingTimes,
  partitionNodesUnknown,
  duplicatePartition,
  partitionStateInvalid,
  defaultPartitionMissing,
  nothingToRun,
  powerSaveProgramMissing,
  suspendTimeMissing,
  powerSaveIntervalTooLong,
  powerActionInvalid,
  programPathRelative,
  resumeFailProgramMissing,
  resumeTimeoutBelowQuota,
  resumeRateLow,
  suspendRateLow,
  rateInvalid,
  maxPoweredNodesTooLow,
  suspendTimeShort,
  resumeTimeoutShort,
  timeoutTooLarge,
  resumeTimeoutLong,
  suspendTimeoutShort,
  suspendTimeoutLong,
  suspendTimeBelowTimeouts,
  prologFlagsConflict,
  stepManagerWithoutContain,
  consResRemoved,
  fastScheduleRemoved,
  defunctKey,
  repeatedKey,
  repeatedInclude,
  cloudStateExcluded,
  brokenStateExcluded,
  suspendExcStatesInvalid,
  globalSuspendTime,
  suspendExcNodesUnknown,
  suspendExcPartsUnknown,
  powerSaveSettingsNotKept,
  exclusionRepeated,
  suspendTimeNoNumber,
  defaultNotHandedOn,
  treeWidthWide,
  treeWidthInvalid,
  treeWidthOldDefault,
  treeWidthOverflow,
  unknownKey,
  unknownLogLevel,
  pluginNotOfSlurm,
  gresPartlyTyped,
  unknownWord,
].sort((a, b) => a.id < b.id ? -1 : 1);
