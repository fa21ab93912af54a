/** The secret of development data: drawn once, and kept beside the data that depends on it. */
export async function keptSecret(folder: string): Promise<string> {
  const file = `${folder}/app-secret`;
  const kept = await Deno.readTextFile(file).catch(() => undefined);
  if (kept) return kept;
  const secret = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  await Deno.writeTextFile(file, secret, { mode: 0o600 });
  return secret;
}
