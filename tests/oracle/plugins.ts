/**
 * Plugins that a Slurm of some release has and the rigs' packages may lack; by the manuals and the source tree:
 * https://github.com/SchedMD/slurm/tree/master/src/plugins
 */
export const PLUGINS: ReadonlySet<string> = new Set(
  `accounting_storage/mysql accounting_storage/slurmdbd acct_gather_energy/cray_aries acct_gather_energy/gpu
  acct_gather_energy/ipmi acct_gather_energy/pm_counters acct_gather_energy/rapl acct_gather_energy/rsmi acct_gather_energy/xcc
  acct_gather_filesystem/lustre acct_gather_interconnect/ofed acct_gather_interconnect/sysfs acct_gather_profile/hdf5
  acct_gather_profile/influxdb auth/jwt auth/munge auth/slurm burst_buffer/datawarp burst_buffer/lua certgen/script
  certmgr/script cred/munge cred/slurm gres/gpu gres/mps gres/nic gres/shard hash/k12 hash/sha3 http_parser/libhttp_parser
  job_container/cncu job_container/tmpfs jobacct_gather/cgroup jobacct_gather/linux jobcomp/elasticsearch jobcomp/filetxt
  jobcomp/kafka jobcomp/lua jobcomp/mysql jobcomp/script launch/slurm mcs/account mcs/group mcs/label mcs/user
  metrics/openmetrics mpi/cray_shasta mpi/pmi2 mpi/pmix mpi/pmix_v2 mpi/pmix_v3 mpi/pmix_v4 mpi/pmix_v5 namespace/linux
  namespace/tmpfs node_features/helpers node_features/knl_generic power/none preempt/partition_prio preempt/qos
  priority/basic priority/multifactor proctrack/cgroup proctrack/linuxproc proctrack/pgid route/topology sched/backfill
  sched/builtin select/cons_res select/cons_tres select/linear switch/hpe_slingshot switch/nvidia_imex task/affinity task/cgroup
  tls/none tls/s2n topology/3d_torus topology/block topology/flat topology/tree url_parser/libhttp_parser`
    .split(/\s+/),
);

/** Kinds of plugins that sites write themselves. */
export const SITES_OWN = /^(?:job_submit|cli_filter|prep|site_factor|node_features|jobcomp)\//;
