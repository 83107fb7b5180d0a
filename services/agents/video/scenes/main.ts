import { runSceneCommand } from './run-scenes.ts'

// The reader of the stream may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runSceneCommand(process.argv.slice(2))
