import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalServers, startServers } from '../../deploy/local/servers/start-servers.ts'

/** Servers of a bench's own, in a folder of their own that goes with them. */
export async function openServers(
  report: (line: string) => void,
): Promise<{ servers: LocalServers; close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-'))
  const servers = await startServers({ dataDir, report, nats: { syncInterval: '2s' } })
  return {
    servers,
    async close() {
      await servers.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The same for as long as `run` takes. */
export async function withServers<T>(
  report: (line: string) => void,
  run: (servers: LocalServers) => Promise<T>,
): Promise<T> {
  const { servers, close } = await openServers(report)
  try {
    return await run(servers)
  } finally {
    await close()
  }
}
