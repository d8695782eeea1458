/** Where a host reads its secrets from, besides the environment; in words until its data folder is known. */
export function envFile(dataDir: string | undefined): string {
  if (dataDir === undefined) return ".env in the data folder";
  const separator = dataDir.includes("\\") ? "\\" : "/";
  return dataDir.endsWith(separator) ? `${dataDir}.env` : `${dataDir}${separator}.env`;
}
