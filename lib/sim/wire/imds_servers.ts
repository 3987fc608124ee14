import type { Simulator } from "../simulator.ts";
import { metadataService } from "./imds.ts";

/** One metadata server per instance, each on a loopback port of its own: the AWS SDK drops a path from the endpoint. */
export interface ImdsServers {
  /** Where an instance's metadata are, e.g. `http://127.0.0.1:40123`; the server is started when first asked for. */
  urlOf(instanceId: string): string;
  /** Ends the servers of instances that are terminated. */
  prune(): void;
  close(): Promise<void>;
}

/** Makes the servers of a simulator's instances, none at first. */
export function imdsServers(simulator: Simulator): ImdsServers {
  const servers = new Map<string, Deno.HttpServer<Deno.NetAddr>>();
  const find = (instanceId: string) => {
    const { world } = simulator;
    const instance = world.instances.get(instanceId);
    return instance && instance.state !== "terminated" ? { world, instance } : undefined;
  };
  const end = async (instanceId: string, server: Deno.HttpServer) => {
    servers.delete(instanceId);
    await server.shutdown();
  };
  return {
    urlOf(instanceId) {
      let server = servers.get(instanceId);
      if (!server) {
        const service = metadataService(() => find(instanceId), () => simulator.now());
        const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
        server = Deno.serve(options, (request) => service.answer(request));
        servers.set(instanceId, server);
      }
      return `http://127.0.0.1:${server.addr.port}`;
    },
    prune() {
      for (const [id, server] of servers) if (!find(id)) end(id, server);
    },
    async close() {
      await Promise.all([...servers].map(([id, server]) => end(id, server)));
    },
  };
}
