/** Where programs of the system are, wherever a distribution or a build from source puts them: hooks and services have no PATH. */
export const SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";
