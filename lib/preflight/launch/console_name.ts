/** What the boot script prints when it knows which node it is: proof that the metadata service gave it its index. */
export function nameOnConsole(
  text: string | undefined,
): { readonly name: string; readonly index: number } | undefined {
  const [, name, index] =
    /slurm-ec2: this instance is (\S+) of cluster .*?\(launch index (\d+) of /.exec(text ?? "") ??
      [];
  return name === undefined ? undefined : { name, index: Number(index) };
}
