import { execFileSync } from 'node:child_process'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import type { Origin } from './result-schema.ts'

/**
 * The machine, the state of the sources and the time: what a figure is worth nothing without.
 * @param command as it was typed, without secrets
 */
export function originOf(command: string, date: Date): Origin {
  const commit = commitOf()
  return {
    date: date.toISOString(),
    command,
    ...(commit !== undefined && { commit }),
    machine: {
      cores: cpus().length,
      cpu: (cpus()[0]?.model ?? 'unknown').trim(),
      memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
      node: process.versions.node,
      platform: `${platform()} ${release().split('-')[0]}`,
      loadBefore: Number(loadavg()[0]!.toFixed(2)),
    },
  }
}

function commitOf(): string | undefined {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const hash = git('rev-parse', '--short=10', 'HEAD').trim()
    // What lies in the folder of results changes with every run and has no part in what is measured.
    const changed = git(
      'status',
      '--porcelain',
      '--',
      '.',
      ':!loadtest/results',
      ':!docs/EVALUATION_RESULTS.md',
    )
    return changed.trim() === '' ? hash : `${hash}+`
  } catch {
    // No git, or no checkout: the figures stand without it.
    return undefined
  }
}
