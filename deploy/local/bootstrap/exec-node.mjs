import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { resolve as absolute, delimiter, join } from 'node:path'

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs the command as if it had been started itself: its input and output, its signals, its end.
 * @param {string} node
 * @param {string[]} args
 * @param {string} root of the project
 * @returns {Promise<void>} once it has ended; the exit code is set
 */
export function execNode(node, args, root) {
  const bin = join(root, 'node_modules', '.bin')
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, {
      stdio: 'inherit',
      env: {
        // What Node compiled once it need not compile again: the same place that services use (project-paths.ts).
        NODE_COMPILE_CACHE: join(absolute(process.env.MURMUR_HOME || join(root, '.murmur')), 'compile-cache'),
        ...process.env,
        // Tools started from there are to be found, and to run on the same Node.
        PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
      },
    })
    const forward = (signal) => {
      // A terminal sends Ctrl-C to the child as well; a second one would mean "at once" to it.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward)
      process.exitCode = code ?? 128 + constants.signals[signal]
      resolve()
    })
  })
}
