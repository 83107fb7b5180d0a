import { once } from 'node:events'
import { enableCompileCache } from 'node:module'

// Before anything large is loaded: from the second run on, start-up takes half the time.
enableCompileCache()
const { runCli } = await import('./run-cli.ts')

// Whoever reads may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const exitCode = await runCli(process.argv.slice(2))
for (const stream of [process.stdout, process.stderr])
  if (stream.writableNeedDrain) await once(stream, 'drain')
// Everything that was opened is closed; what a library still waits for must not hold the shell up.
process.exit(exitCode)
