/** Stands in for the metadata service, at its own addresses: for a machine with a network of its own. */
for (const hostname of ["169.254.169.254", "fd00:ec2::254"]) {
  Deno.serve({ hostname, port: 80, onListen: () => console.log("ready") }, () => new Response("SlurmNode\n"));
}
