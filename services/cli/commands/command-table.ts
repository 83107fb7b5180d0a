import type { Command } from 'commander'
import type { Run } from '../cli-context.ts'

/** Adds a command, or a few that belong together, to the program. */
export type AddCommand = (program: Command, run: Run) => void

interface CommandEntry {
  /** With aliases, and those that --help does not show. */
  readonly names: readonly string[]
  readonly load: () => Promise<AddCommand>
}

const entry = (names: string, load: () => Promise<AddCommand>): CommandEntry => ({
  names: names.split(' '),
  load,
})

/** In the order of --help. A module is loaded when one of its commands is asked for: each has what the others don't need. */
export const COMMAND_TABLE: readonly CommandEntry[] = [
  entry('start', async () => (await import('./start.ts')).addStart),
  entry('dev', async () => (await import('./dev.ts')).addDev),
  entry('open', async () => (await import('./open.ts')).addOpen),
  entry('report', async () => (await import('./report.ts')).addReport),
  entry('monitor', async () => (await import('./monitor.ts')).addMonitor),
  entry('look', async () => (await import('./frame.ts')).addFrame),
  entry('alerts', async () => (await import('./alerts.ts')).addAlerts),
  entry('review', async () => (await import('./review.ts')).addReview),
  entry('bookmarks', async () => (await import('./bookmarks.ts')).addBookmarks),
  entry('snooze', async () => (await import('./snooze.ts')).addSnooze),
  entry('recordings clip', async () => (await import('./recordings.ts')).addRecordings),
  entry('rules', async () => (await import('./rules.ts')).addRules),
  entry('onvif', async () => (await import('./onvif.ts')).addOnvif),
  entry('cameras', async () => (await import('./cameras.ts')).addCameras),
  entry('models', async () => (await import('./models.ts')).addModels),
  entry('scene', async () => (await import('./scene.ts')).addScene),
  entry('submit', async () => (await import('./submit.ts')).addSubmit),
  entry('watch', async () => (await import('./task.ts')).addWatch),
  entry('list', async () => (await import('./list.ts')).addList),
  entry('show', async () => (await import('./task.ts')).addShow),
  entry('history', async () => (await import('./history.ts')).addHistory),
  entry('capsule', async () => (await import('./capsule.ts')).addCapsule),
  entry('cancel', async () => (await import('./task.ts')).addCancel),
  entry('pause resume signal', async () => (await import('./controls.ts')).addControls),
  entry('inbox approve reject hand-on', async () => (await import('./inbox.ts')).addInbox),
  entry('retry', async () => (await import('./retry.ts')).addRetry),
  entry('rerun replay', async () => (await import('./task.ts')).addRerun),
  entry('tasks', async () => (await import('./tasks.ts')).addTasks),
  entry('stop', async () => (await import('./task.ts')).addStop),
  entry('schedules', async () => (await import('./schedules.ts')).addSchedules),
  entry('agents', async () => (await import('./agents.ts')).addAgents),
  entry('init', async () => (await import('./init.ts')).addInit),
  entry('top status', async () => (await import('./top.ts')).addTop),
  entry('plan', async () => (await import('./plan.ts')).addPlan),
  entry('templates', async () => (await import('./templates.ts')).addTemplates),
  entry('upload download', async () => (await import('./transfers.ts')).addTransfers),
  entry('objects', async () => (await import('./objects.ts')).addObjects),
  entry('artifacts', async () => (await import('./artifacts.ts')).addArtifacts),
  entry('login logout', async () => (await import('./login.ts')).addLogin),
  entry('keys', async () => (await import('./keys.ts')).addKeys),
  entry('queues', async () => (await import('./queues.ts')).addQueues),
  entry('partitions', async () => (await import('./partitions.ts')).addPartitions),
  entry('dlq', async () => (await import('./dlq.ts')).addDlq),
  entry('backup restore', async () => (await import('./backup.ts')).addBackup),
  entry('logs', async () => (await import('./logs.ts')).addLogs),
  entry('doctor', async () => (await import('./doctor.ts')).addDoctor),
  entry('completion', async () => (await import('./completion.ts')).addCompletion),
]

/**
 * The commands that a command line needs: the one that it names; all of them where it names none that there is, for --help and
 * for what is said about a name that is wrong, and for `complete`, which answers for all. Pure.
 * @param options those of the program itself: one may stand before the command, with its value
 */
export function entriesFor(
  argv: readonly string[],
  options: readonly { long?: string; required: boolean }[],
): readonly CommandEntry[] {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (!word.startsWith('-')) {
      const named = COMMAND_TABLE.find(({ names }) => names.includes(word))
      return named ? [named] : COMMAND_TABLE
    }
    if (word === '--version') return []
    const option = options.find(({ long }) => long === word.split('=')[0])
    // What comes behind --help, or an option that there is not, is no command of its own.
    if (!option) return COMMAND_TABLE
    if (option.required && !word.includes('=')) i++
  }
  return COMMAND_TABLE
}
