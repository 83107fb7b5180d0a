import { spawn } from 'node:child_process'

const KEPT_CHARACTERS = 4_000

/**
 * Runs a program without a word, and with its last words in the error when it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, failure: string }} options
 * @returns {Promise<void>}
 */
export function runQuietly(program, args, { cwd, env, failure }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_CHARACTERS)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => reject(new Error(`${failure}\n${program}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${output.trim()}\n\n${failure} (${program} ended with ${signal ?? code})`))
    })
  })
}
