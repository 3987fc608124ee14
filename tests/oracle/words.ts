import tokens from "../../lib/slurm_conf/data/slurm_param_tokens.json" with { type: "json" };

/**
 * Words that slurm.conf(5), gres.conf(5) and topology.conf(5) of some release name for a key, and near misses: a
 * daemon says which of them it takes. https://slurm.schedmd.com/slurm.conf.html
 */
const BY_KEY: Readonly<Record<string, string>> = {
  "slurm.conf AccountingStorageEnforce":
    "associations limits nojobs nosteps qos safe wckeys all none limit association,limits limits,qos safe,foo",
  "slurm.conf AccountingStorageTRES":
    "cpu mem energy node billing fs/disk vmem pages gres/gpu gres/gpu:a100 license/matlab gres gpu bb/cray ic/ofed fs/lustre cpu,mem cpu,gres/gpu cpu,foo gres/craynetwork",
  "slurm.conf AccountingStorageType":
    "accounting_storage/none none accounting_storage/filetxt accounting_storage/mysql",
  "slurm.conf AcctGatherEnergyType":
    "acct_gather_energy/none acct_gather_energy/rapl acct_gather_energy/ipmi acct_gather_energy/gpu acct_gather_energy/foo none",
  "slurm.conf AcctGatherFilesystemType": "acct_gather_filesystem/none acct_gather_filesystem/lustre none",
  "slurm.conf AcctGatherInterconnectType": "acct_gather_interconnect/none acct_gather_interconnect/ofed none",
  "slurm.conf AcctGatherProfileType":
    "acct_gather_profile/none acct_gather_profile/hdf5 acct_gather_profile/influxdb none",
  "slurm.conf AuthAltTypes": "auth/jwt auth/slurm auth/munge",
  "slurm.conf AuthInfo":
    "cred_expire=120 cred_expire=abc cred_expire=-1 cred_expire=0 cred_expire=4 cred_expire=5 cred_expire=301 socket=/tmp/x ttl=60 ttl=0 ttl=abc use_client_ids disable_sssd",
  "slurm.conf AuthType": "auth/none auth/munge auth/slurm auth/jwt none munge",
  "slurm.conf BurstBufferType":
    "burst_buffer/datawarp burst_buffer/lua burst_buffer/none burst_buffer/generic",
  "slurm.conf CpuFreqDef":
    "Conservative OnDemand Performance PowerSave SchedUtil UserSpace Low Medium High HighM1 conservative 2400000 2.4GHz Performance,OnDemand Fast",
  "slurm.conf CpuFreqGovernors":
    "Conservative OnDemand Performance PowerSave SchedUtil UserSpace OnDemand,Performance Low Fast",
  "slurm.conf CredType": "cred/none cred/munge cred/slurm none",
  "slurm.conf CryptoType": "crypto/munge crypto/none",
  "slurm.conf DependencyParameters":
    "disable_remote_singleton kill_invalid_depend max_depend_depth=5 max_depend_depth=abc max_depend_depth=-1",
  "slurm.conf EnforcePartLimits": "ALL ANY NO YES all any no yes TRUE FALSE 0 1 NONE SOME",
  "slurm.conf EpilogMsgTime": "",
  "slurm.conf GpuFreqDef":
    "low medium high highm1 verbose low,memory=high medium,verbose 900 900,memory=877 memory=low fast",
  "slurm.conf GresTypes": "gpu gpu,mps gpu,mps,shard mps shard nic craynetwork gpu,gpu foo gres/gpu",
  "slurm.conf HashPlugin": "hash/k12 hash/sha3 k12",
  "slurm.conf HealthCheckNodeState":
    "ALLOC ANY CYCLE IDLE NONDRAINED_IDLE MIXED START_ONLY CYCLE,ANY IDLE,MIXED any CLOUDY DOWN DRAIN ANY,IDLE",
  "slurm.conf JobAcctGatherFrequency":
    "30 0 task=30 energy=30 network=30 filesystem=30 task=30,energy=60 task=abc task=-1 task=0 tasks=30 cpu=10 task=30,network=abc task 30,energy=10",
  "slurm.conf JobAcctGatherType":
    "jobacct_gather/none jobacct_gather/linux jobacct_gather/cgroup jobacct_gather/foo none",
  "slurm.conf JobCompType":
    "jobcomp/none jobcomp/filetxt jobcomp/script jobcomp/lua jobcomp/elasticsearch jobcomp/kafka jobcomp/mysql none filetxt",
  "slurm.conf JobContainerType": "job_container/none job_container/tmpfs job_container/cncu none",
  "slurm.conf JobSubmitPlugins":
    "lua job_submit/lua all_partitions defaults partition require_timelimit throttle lua,foo",
  "slurm.conf LaunchType": "launch/slurm launch/none slurm",
  "slurm.conf Licenses":
    "fluent:30 foo:1,bar:2 fluent foo*4 foo:abc foo:-1 foo:0 foo:1.5 foo@db:1 foo:1:2 foo:4294967296 foo:1,foo:2 foo:",
  "slurm.conf LogTimeFormat":
    "iso8601 iso8601_ms rfc5424 rfc5424_ms rfc3339 clock short thread_id iso8601,format_stderr format_stderr rfc3164 ISO8601 iso8601_us foo iso8601,foo",
  "slurm.conf MCSPlugin": "mcs/none mcs/account mcs/group mcs/user mcs/label none",
  "slurm.conf MCSParameters":
    "enforced ondemand select noselect ondemandselect privatedata ondemand,noselect,privatedata foo",
  "slurm.conf MpiDefault": "none pmi2 pmix pmix_v4 cray_shasta openmpi mpi/none mpi/pmi2 lam",
  "slurm.conf MpiParams":
    "ports=12000-12999 ports=abc ports=1-0 disable_slurm_hydra_bootstrap ports=12000 foo",
  "slurm.conf NodeFeaturesPlugins":
    "node_features/helpers helpers node_features/knl_generic node_features/foo",
  "slurm.conf OverTimeLimit": "",
  "slurm.conf PreemptMode":
    "OFF CANCEL GANG REQUEUE SUSPEND WITHIN PRIORITY SUSPEND,GANG GANG,SUSPEND CANCEL,GANG REQUEUE,GANG OFF,GANG CANCEL,WITHIN REQUEUE,WITHIN CANCEL,REQUEUE SUSPEND,REQUEUE REQUEUE,PRIORITY KILL off cancel requeue suspend,gang ON CHECKPOINT SUSPEND,GANG,WITHIN",
  "slurm.conf PreemptType":
    "preempt/none preempt/partition_prio preempt/qos preempt/job_prio partition_prio none preempt/foo",
  "slurm.conf PrEpPlugins": "prep/script script prep/lua prep/script,prep/foo",
  "slurm.conf PriorityFlags":
    "ACCRUE_ALWAYS CALCULATE_RUNNING DEPTH_OBLIVIOUS NO_FAIR_TREE INCR_ONLY MAX_TRES MAX_TRES_GRES NO_NORMAL_ALL NO_NORMAL_ASSOC NO_NORMAL_PART NO_NORMAL_QOS NO_NORMAL_TRES SMALL_RELATIVE_TO_TIME FAIR_TREE TICKET_BASED LEVEL_BASED accrue_always ACCRUE_ALWAYS,MAX_TRES MAX_TRES,FOO FOO",
  "slurm.conf PriorityType": "priority/basic priority/multifactor basic multifactor priority/foo",
  "slurm.conf PriorityUsageResetPeriod":
    "NONE NOW DAILY WEEKLY MONTHLY QUARTERLY YEARLY none weekly HOURLY BIWEEKLY ANNUALLY",
  "slurm.conf PriorityWeightTRES":
    "CPU=1000 CPU=1000,Mem=2000 cpu=1000,mem=2000,GRES/gpu=3000 GRES/gpu=3000 CPU=abc CPU=-1 CPU foo=1 CPU=1.5 CPU=1000,Mem=2000G Mem=1 node=5 billing=5 energy=5 license/x=2",
  "slurm.conf ProctrackType":
    "proctrack/linuxproc proctrack/cgroup proctrack/pgid proctrack/cray_aries proctrack/lua linuxproc",
  "slurm.conf PropagateResourceLimits":
    "ALL NONE AS CORE CPU DATA FSIZE MEMLOCK NOFILE NPROC RSS STACK all none memlock MEMLOCK,STACK NOFILE,NPROC,STACK RLIMIT_STACK MEMORY ALL,NONE STACK,FOO SIGPENDING",
  "slurm.conf PropagateResourceLimitsExcept":
    "ALL NONE AS CORE CPU DATA FSIZE MEMLOCK NOFILE NPROC RSS STACK all none memlock MEMLOCK,STACK RLIMIT_STACK MEMORY STACK,FOO",
  "slurm.conf PropagatePrioProcess": "",
  "slurm.conf RequeueExit": "1 1-9 1,3-5 0 256 abc 1-300 5-1 -1 1, 255 1:2",
  "slurm.conf RequeueExitHold": "1 1-9 1,3-5 0 256 abc 1-300 5-1 -1 255 SPECIAL_EXIT",
  "slurm.conf ReturnToService": "",
  "slurm.conf RoutePlugin": "route/default route/topology default",
  "slurm.conf SchedulerType":
    "sched/backfill sched/builtin backfill sched/backfil sched/hold sched/wiki none",
  "slurm.conf SelectType":
    "select/cons_tres select/cons_res select/linear select/serial cons_tres select/cray_aries select/cons_tre select/bluegene",
  "slurm.conf SelectTypeParameters":
    "CR_CPU CR_CPU_Memory CR_Core CR_Core_Memory CR_ONE_TASK_PER_CORE CR_CORE_DEFAULT_DIST_BLOCK CR_LLN CR_Pack_Nodes CR_LLN,CR_Core CR_Core,CR_ONE_TASK_PER_CORE CR_Socket CR_Socket_Memory CR_Memory CR_CPU,CR_LLN CR_Core,CR_LLN CR_Core,CR_Pack_Nodes OTHER_CONS_RES OTHER_CONS_TRES NHC_NO NHC_ABSOLUTELY_NO cr_core_memory CR_CORE,CR_CPU CR_Foo CR_Core,CR_Foo CR_Disk CR_Core_Memory,CR_CORE_DEFAULT_DIST_BLOCK CR_Board MULTIPLE_SHARING_GRES_PJ ENFORCE_BINDING_GRES ONE_TASK_PER_SHARING_GRES LL_SHARED_GRES CR_Core_Memory,MULTIPLE_SHARING_GRES_PJ NONE",
  "slurm.conf SlurmctldDebug":
    "quiet fatal error info verbose debug debug2 debug3 debug4 debug5 QUIET Info warning 0 3 9 10 trace DEBUG2",
  "slurm.conf SlurmctldSyslogDebug":
    "quiet fatal error info verbose debug debug2 debug3 debug4 debug5 QUIET warning 0 3 9 10",
  "slurm.conf SlurmdDebug":
    "quiet fatal error info verbose debug debug2 debug3 debug4 debug5 QUIET warning auto 0 3 9 10",
  "slurm.conf SlurmdSyslogDebug": "quiet fatal error info verbose debug debug2 debug5 warning 0 3 9 10",
  "slurm.conf SrunPortRange":
    "60001-63000 60001 1-2 63000-60001 abc-def 60001-70000 0-100 60001:63000 1024-65535",
  "slurm.conf SlurmctldPort": "7817 7817-7819 6817-6816 0 70000 7817-7900",
  "slurm.conf SuspendExcNodes":
    "c0 c[0-1] c[0-1]:2 c[0-3]:1,c0 zz c0,zz ALL p c[0-1 c[0-1]: c[0-1]:0 c[0-1]:abc c[0-1]:9 feature{x}",
  "slurm.conf SuspendExcParts": "p p,zz zz p:2 ALL p,p P",
  "slurm.conf SuspendExcStates":
    "CLOUD DOWN DRAIN DYNAMIC_FUTURE DYNAMIC_NORM FAIL INVALID_REG MAINTENANCE NOT_RESPONDING PERFCTRS PLANNED RESERVED IDLE MAINT POWERED_DOWN cloud DOWN,DRAIN ALLOCATED MIXED UNKNOWN FUTURE DOWN,FOO COMPLETING BLOCKED",
  "slurm.conf SuspendTime":
    "0 -1 INFINITE -5 5 300 10m 1h 5:00 abc NONE UNLIMITED 4294967295 4294967294 4294967296 65536",
  "slurm.conf SwitchType":
    "switch/none switch/hpe_slingshot switch/nvidia_imex none switch/foo switch/cray_aries",
  "slurm.conf SwitchParameters": "vnis=10-20 depth=medium job_vni network=tcp imex_channel_count=10 foo",
  "slurm.conf TaskPlugin":
    "task/affinity task/cgroup task/none affinity task/affinity,task/cgroup task/cray_aries task/affinity,task/none task/foo task/cgroup,task/cgroup cgroup,affinity none",
  "slurm.conf TaskPluginParam":
    "Cores None Sockets Threads SlurmdOffSpec Verbose Autobind=Cores Autobind=none Autobind=Threads autobind=cores OOMKillStep SlurmdSpecOverride cores,verbose Cores,Sockets Sched Cpusets foo Autobind=foo None,Cores Verbose,Foo Boards",
  "slurm.conf TopologyPlugin":
    "topology/flat topology/tree topology/none topology/default topology/3d_torus topology/block topology/hypercube tree topology/node_rank topology/foo topology/ring",
  "slurm.conf TLSType": "tls/none tls/s2n none",
  "slurm.conf CertmgrType": "certmgr/script certmgr/none",
  "slurm.conf CertgenType": "certgen/script certgen/none",
  "slurm.conf MetricsType": "metrics/openmetrics metrics/none",
  "slurm.conf NamespaceType": "namespace/tmpfs namespace/linux namespace/none",
  "slurm.conf UrlParserType": "url_parser/libhttp_parser url_parser/none",
  "slurm.conf HttpParserType": "http_parser/libhttp_parser http_parser/none",
  "slurm.conf X11Parameters": "home_xauthority foo",
  "slurm.conf PreemptExemptTime": "-1 00:05:00 1-0 INFINITE UNLIMITED",
  "slurm.conf MaxMemPerNode": "1000 0 UNLIMITED",
  "slurm.conf SchedulerParameters": "default_queue_depth=100 bf_interval=30,bf_window=4320",
  "slurm.conf FederationParameters": "fed_display foo",
  "slurm.conf GresConf": "",
  "PartitionName AllocNodes": "ALL c0 c[0-1] zz c[0-1 NONE",
  "PartitionName AllowAccounts": "ALL a a,b NONE all",
  "PartitionName AllowGroups": "ALL root root,nobody nosuchgroup all",
  "PartitionName AllowQos": "ALL normal a,b",
  "PartitionName Alternate": "p q zz NONE",
  "PartitionName CpuBind":
    "none board socket ldom core thread off on quiet verbose cores sockets threads None rank map_cpu foo core,verbose",
  "PartitionName DefaultTime":
    "NONE UNLIMITED INFINITE DEFAULT none 0 60 1-0 1:00:00 00:30:00 2h 30m -1 1-1-1 1: :1 1:2:3:4 100-00:00:00 UNLIMITED,1",
  "PartitionName MaxTime":
    "NONE UNLIMITED INFINITE DEFAULT unlimited infinite 0 60 1-0 1:00:00 00:30:00 2h 30m -1 1-1-1 1: :1 1:2:3:4 100-00:00:00 7-0 7-00:00 7-00:00:00 24:00:00 1day 60min 1-24 90:00",
  "PartitionName DefMemPerCPU": "UNLIMITED 1G 1000 0",
  "PartitionName Exclusive": "YES NO USER NODE TOPO yes node topo user ALL MCS",
  "PartitionName JobDefaults": "DefCpuPerGPU=2 DefMemPerGPU=100 DefCpuPerGPU=2,DefMemPerGPU=100 foo=1",
  "PartitionName Nodes":
    "ALL c0 c[0-3] c0,c1 c[0-3],c0 ALL,c1 ALL,-c3 zz c0,zz c[0-3 c[3-0] c[0-9] c[0,2] c[00-03] none p NONE (null) c[0-1]x feature{x} c[0-3],g[0-1] all -c0 c{0..3} c* c0;c1",
  "PartitionName OverSubscribe":
    "EXCLUSIVE FORCE YES NO FORCE:4 YES:4 YES:0 FORCE:1 FORCE:0 FORCE:-1 FORCE:abc FORCE: EXCLUSIVE:4 NO:4 MAYBE force yes no exclusive FORCE:65535 FORCE:32767 FORCE:32768 FORCE=4 TRUE SHARED YES:100000",
  "PartitionName Shared": "EXCLUSIVE FORCE YES NO FORCE:4 YES:4 EXCLUSIVE:4 MAYBE force",
  "PartitionName OverTimeLimit":
    "0 60 UNLIMITED INFINITE unlimited 65533 65534 65535 65536 -1 abc 2h 1:00:00 NONE",
  "PartitionName PreemptMode":
    "OFF CANCEL GANG REQUEUE SUSPEND WITHIN PRIORITY GANG,SUSPEND REQUEUE,WITHIN OFF,GANG KILL kill off cancel requeue DISABLED ON CANCEL,REQUEUE",
  "PartitionName SelectTypeParameters":
    "CR_Core CR_Core_Memory CR_Socket CR_Socket_Memory CR_CPU CR_CPU_Memory CR_Memory CR_LLN NONE CR_Foo cr_core CR_Core,CR_LLN LLN CR_Pack_Nodes CR_ONE_TASK_PER_CORE",
  "PartitionName State": "UP DOWN DRAIN INACTIVE up down drain inactive OPEN CLOSED UNKNOWN ACTIVE IDLE",
  "PartitionName SuspendTime":
    "0 -1 INFINITE -5 5 300 10m 1h 5:00 abc NONE UNLIMITED GLOBAL 4294967295 4294967294 4294967296 65536 infinite",
  "PartitionName ResumeTimeout": "INFINITE NONE GLOBAL UNLIMITED",
  "PartitionName SuspendTimeout": "INFINITE NONE GLOBAL UNLIMITED",
  "PartitionName TRESBillingWeights":
    "CPU=1.0 CPU=1.0,Mem=0.25G CPU=1.0,Mem=0.25G,GRES/gpu=2.0 GRES/gpu=2 cpu=1 Mem=0.25 Mem=1T CPU=abc CPU=-1 CPU CPU= CPU:1 foo=1 Node=1 billing=1 energy=1 BB/cray=1 license/foo=1 CPU=1,,Mem=1 vmem=1 fs/disk=1 pages=1 GPU=1 gres/gpu:a100=2",
  "PartitionName QOS": "normal none N/A",
  "PartitionName DenyAccounts": "a a,b ALL",
  "PartitionName DenyQos": "a a,b ALL",
  "PartitionName GraceTime": "UNLIMITED 00:05:00 5m",
  "PartitionName Topology": "default topo1 topology/tree",
  "NodeName CpuBind": "none socket ldom core thread off on quiet verbose cores board None foo rank",
  "NodeName CPUSpecList": "0 0,1 0-1 9 abc 0-9 -1 3,3 4 0x3",
  "NodeName Feature": "a a,b a&b a|b a,a (a) a*2 [a] a,,b ,a a, a-b a.b a:b a=b 1a a/b cloud,gpu",
  "NodeName Features": "a a,b a&b a|b a,a a,,b a=b",
  "NodeName Gres":
    "gpu gpu:1 gpu:a100:2 gpu:2,nic:1 gpu:a100:2,gpu:h100:1 foo:1 gpu:abc gpu:-1 gpu:0 gpu:1K gpu:1:2 gpu:a100 gpu:a100:2:no_consume gpu:no_consume:2 gres/gpu:1 gpu: gpu:1.5 gpu:1,gpu:1 gpu=2 gpu:4294967296 gpu:65536 (null) none gpu:a100:2(S:0-1) mps:100 shard:4 gpu:a_b-c.d:1",
  "NodeName NodeAddr": "c5 10.1.2.3 10.1.2.3,10.1.2.4 d0 c[0-1] 10.1.2.[3-4] nowhere.example",
  "NodeName NodeHostname": "c5 d0 c[0-1] c1,c2 nowhere.example",
  "NodeName Port": "7818 7818-7820 [7818-7819] 0 65535 65536 -1 abc [7000-7001]",
  "NodeName Reason": 'x "two words" "" a,b',
  "NodeName State":
    "CLOUD DOWN DRAIN FAIL FAILING FUTURE UNKNOWN IDLE ALLOCATED EXTERNAL POWER_DOWN POWER_UP MIXED MAINT RESERVED DYNAMIC cloud unknown CLOUD+DRAIN DOWN* POWERED_DOWN UP NO_RESPOND PLANNED RESUME UNDRAIN INVAL DRAINED REBOOT CLOUDY POWERING_UP",
  "NodeName TRESWeights": "CPU=1.0 CPU=1.0,Mem=0.25G foo=1 CPU=abc",
  "NodeName RealMemory": "16G 1000M 1K 1T 1.5G UNLIMITED 0 1 1000G 16GB 16g",
  "NodeName MemSpecLimit": "100 0 1000 1001 10000 1G",
  "NodeName CoreSpecCount": "0 1 2 3 4 5",
  "NodeName Topology": "topo1:s1 topo1:s1,topo2:b1 default:s1 foo",
  "NodeName Parameters": "foo l3cache_as_socket numa_node_as_socket config_overrides",
  "NodeName BcastAddr": "d0 10.0.0.1 c1",
  "NodeName SuspendTime": "0 -1 INFINITE -5 5 300 10m 1h 5:00 abc NONE UNLIMITED GLOBAL",
  "NodeSet Feature": "a a,b zz a&b",
  "NodeSet Nodes": "ALL c0 c[0-3] c0,zz zz c[0-3 s c[3-0] feature{x} ALL,c0",
  "DownNodes State":
    "DOWN DRAIN FAIL FAILING UNKNOWN IDLE POWER_DOWN CLOUD FUTURE down drain UP ALLOCATED DRAINED MAINT POWERED_DOWN RESUME NO_RESPOND",
  "DownNodes Reason": 'x "two words" a,b',
  "gres.conf AutoDetect": "off nvml rsmi nvidia oneapi nrt on none OFF gpu NVML amd intel",
  "gres.conf Count": "0 1 2 3 1K 2k 1M 1G -1 abc 1.5 1024 4294967295 18446744073709551615 2,3",
  "gres.conf Cores": "0 0-1 0,1 0-3 4 0-9 abc -1 0-1,3 0:1 [0-1] ALL",
  "gres.conf CPUs": "0 0-1 0-9 abc",
  "gres.conf File":
    "/dev/null /dev/nvidia0 /dev/nvidia[0-1] /dev/nvidia[0-2] /dev/nvidia[0-1 nvidia0 /dev/nvidia0,/dev/nvidia1 /dev/nvidia[0,1] /dev/nvidia* /dev/nvidia[1-0]",
  "gres.conf MultipleFiles": "/dev/null /dev/nvidia[0-1] /dev/nvidia0,/dev/nvidiactl",
  "gres.conf Flags":
    "CountOnly explicit one_sharing nvidia_gpu_env amd_gpu_env intel_gpu_env opencl_env no_gpu_env countonly all_sharing foo CountOnly,foo amd_gpu_env,opencl_env cpus_owner no_consume",
  "gres.conf Links": "0 0,1 -1,16 -1 abc 0,-1 16,-1 1,0",
  "gres.conf Name": "gpu mps shard nic foo gpu:a100 GPU gres/gpu bandwidth gpu,nic",
  "gres.conf NodeName": "g0 c0 g[0-1] zz g[0-1 ALL DEFAULT g0,c0",
  "gres.conf Type": "a100 tesla a_b-c 8g 1 a,b a:b no_consume A100 gpu a.b a/b",
  "gres.conf Ignore": "YES NO 1",
  "topology.conf SwitchName": "s0 c0 s[0-1] DEFAULT 1 s.1 s-1",
  "topology.conf Nodes": "c[0-3] c[0-1] c0,c0 zz c[0-3],zz c[0-3 ALL c[3-0] c[0-9] (null) NONE feature{x}",
  "topology.conf Switches": "s0 s1 s[0-1] zz",
  "topology.conf LinkSpeed": "1 abc 0 -1 10G 4294967295",
  "topology.conf BlockName": "b0 c0 b[0-1] DEFAULT 1",
  "topology.conf BlockSizes": "1 2 3 4 8 0 -1 abc 1,2 2,4 4,2 1,2,4 2,3 4,8 5 1K 2;4",
};

/** Candidate words for a key of a table, as they would stand behind the `=`. */
export function candidateWords(table: string, key: string): string[] {
  const written = BY_KEY[`${table} ${key}`]?.match(/"[^"]*"|\S+/g) ?? [];
  const documented = table === "slurm.conf" ? (tokens as Record<string, unknown>)[key] : undefined;
  const names = typeof documented === "object" && documented !== null ? Object.keys(documented) : [];
  return [...new Set([...written, ...names])];
}

/** Values for a word that may have one: `bf_interval=30`. */
export const WORD_VALUES: readonly string[] = [
  "",
  "0",
  "1",
  "5",
  "-1",
  "abc",
  "1.5",
  "70000",
  "4294967296",
  "10m",
];

/** Parameters whose words take values that slurmctld reads. */
export const VALUED_PARAMETERS: readonly string[] = [
  "SchedulerParameters",
  "SlurmctldParameters",
  "CommunicationParameters",
  "PreemptParameters",
  "SlurmdParameters",
  "LaunchParameters",
  "TopologyParam",
];
