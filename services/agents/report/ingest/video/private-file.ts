import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Lends the bytes as a file in a folder of its own that only this user can enter; both are gone when `use` has ended,
 * however it ended. Videos need a file rather than a pipe: their index often stands at the end.
 */
export async function withPrivateFile<Result>(
  bytes: Uint8Array,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), `murmur-video-${process.pid}-`)) // mode 0700
  try {
    const path = join(folder, 'source')
    await writeFile(path, bytes, { mode: 0o600 })
    return await use(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
