import { Argument, type Command } from 'commander'
import type { CliContext, Run } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { type Completion, completeWords } from '../completion/complete-words.ts'
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../completion/shell-scripts.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../output/terminal-text.ts'
import { openTarget } from '../session/session.ts'

/** Nobody waits longer than this for a list of ids. */
const IDS_TIMEOUT_MS = 1500
const MAX_IDS = 30
const INSTALLING = `
  bash:  murmur completion bash >> ~/.bashrc
  zsh:   murmur completion zsh > "\${fpath[1]}/_murmur"
  fish:  murmur completion fish > ~/.config/fish/completions/murmur.fish

It completes a command that is called murmur: \`npm link\` in the project makes one.`

/** `murmur completion`, and what its scripts ask. */
export function addCompletion(program: Command, run: Run): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands, options and ids')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', INSTALLING)
    .action((shell: Shell) =>
      run(async ({ json, terminal }) => {
        const script = COMPLETION_SCRIPTS[shell]
        if (json) terminal.printJson({ shell, script })
        else terminal.print(script)
        return EXIT.ok
      }),
    )
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) =>
      run(async (context) => {
        const lines = await linesOf(completeWords(program, words), words.at(-1) ?? '', context)
        if (context.json) context.terminal.printJson({ lines })
        else context.terminal.print(...lines)
        return EXIT.ok
      }),
    )
}

async function linesOf(completion: Completion, start: string, context: CliContext): Promise<string[]> {
  if (completion.kind === 'files') return [':files']
  const words = completion.kind === 'words' ? completion.words : await idsOf(completion.of, context)
  return words
    .filter(({ word }) => word.startsWith(start))
    .map(({ word, about }) => `${printable(word)}\t${printable(about)}`)
}

/** The newest first. Without a system that answers there are none: pressing a key is no place for an error. */
async function idsOf(
  of: Extract<Completion, { kind: 'ids' }>['of'],
  context: CliContext,
): Promise<{ word: string; about: string }[]> {
  const asked = async () => {
    const session = await openTarget(context)
    if (!session) return []
    try {
      return await LISTS[of](session.client)
    } finally {
      await session.close()
    }
  }
  const tooLong = context.clock.sleep(IDS_TIMEOUT_MS, context.signal).then(() => [])
  return Promise.race([asked(), tooLong]).catch(() => [])
}

const LISTS: Record<
  Extract<Completion, { kind: 'ids' }>['of'],
  (client: MurmurClient) => Promise<{ word: string; about: string }[]>
> = {
  task: async (client) =>
    (await client.list({ limit: MAX_IDS })).tasks.map(({ id, type, status }) => ({
      word: id,
      about: `${type} ${status}`,
    })),
  alert: async (client) =>
    (await client.video.alerts({ limit: MAX_IDS })).alerts.map(({ id, severity, message }) => ({
      word: id,
      about: `${severity} ${message}`,
    })),
  schedule: async (client) =>
    (await client.schedules.list({ limit: MAX_IDS })).schedules.map(({ name, cron, everyMs, timezone }) => ({
      word: name,
      about: cron === undefined ? `every ${everyMs} ms` : `${cron} ${timezone}`,
    })),
  key: async (client) =>
    ((await client.keys?.list()) ?? []).map(({ id, tenant, name }) => ({
      word: id,
      about: `${tenant} ${name}`,
    })),
}
