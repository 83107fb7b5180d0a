import type { Command } from 'commander'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import {
  parseTemplateReference,
  templateNameSchema,
  templateReferenceSchema,
} from '#schemas/plan-template.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { readJsonFile } from '../submission/read-submission.ts'
import { linesOf, renderDiff, renderList, renderTemplate } from '../templates/render-templates.ts'
import { diffLines } from '../templates/template-diff.ts'
import { checkedBy, integerOption, logNextPage } from './arguments.ts'

interface PutOptions {
  name?: string
  description?: string
  expect?: number
}

const EXAMPLES = `
FILE holds a template ({"name", "description", "parameters", "plan"}) or a bare plan ({"steps": […]}):
  murmur templates put count-notes.json
  murmur templates put plan.json --name count-notes --description "Counts words."
  murmur submit --template count-notes --input '{"text": "one two"}' --wait`
const reference = checkedBy(templateReferenceSchema)

/** `murmur templates`: plans that are kept under a name, in versions. */
export function addTemplates(program: Command, run: Run): void {
  const templates = program
    .command('templates')
    .description('plan templates: put, list, show, diff, delete')
    .helpCommand(false)
  templates
    .command('list', { isDefault: true })
    .description('list them by name, with the newest version of each')
    .option('--limit <n>', 'at most so many', integerOption(1, 500), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(templateNameSchema))
    .action((options: { limit: number; cursor?: string }) => run((context) => list(context, options)))
  templates
    .command('put')
    .description('write the next version; what says the same as the newest makes none')
    .argument('<file>', 'a file of JSON; - is standard input')
    .option('--name <name>', 'its name', checkedBy(templateNameSchema))
    .option('--description <text>', 'for people')
    .option('--expect <version>', 'only if it becomes this version', integerOption(1, 999_999))
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: PutOptions) => run((context) => put(context, file, options)))
  templates
    .command('show')
    .description('a version: what it takes, its steps, and which versions there are')
    .argument('<name>', 'NAME for the newest, or NAME@VERSION', reference)
    .action((name: string) => run((context) => show(context, name)))
  templates
    .command('diff')
    .description('what a version says and another does not')
    .argument('<from>', 'NAME@VERSION; a NAME alone is the version before its newest', reference)
    .argument('[to]', 'NAME or NAME@VERSION; the newest of the same name, unless given', reference)
    .action((from: string, to: string | undefined) => run((context) => diff(context, from, to)))
  templates
    .command('delete')
    .description('take a version away; tasks that were made of it go on')
    .argument('<name>', 'NAME@VERSION, or NAME with --all', reference)
    .option('--all', 'all versions of the name')
    .action((name: string, options: { all?: boolean }) =>
      run((context) => deleteVersions(context, name, options)),
    )
}

async function list(context: CliContext, { limit, cursor }: { limit: number; cursor?: string }) {
  const { terminal, clock, json } = context
  const { items, nextCursor } = await withClient(context, (client) =>
    fullPage(limit, async (next) => {
      const page = await client.templates.list({ ...(cursor !== undefined && { cursor }), ...next })
      return { items: page.templates, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ templates: items, ...(nextCursor !== undefined && { nextCursor }) })
  else if (items.length === 0)
    terminal.log(
      nextCursor === undefined ? 'No templates. murmur templates put FILE writes one.' : EMPTY_PAGE,
    )
  else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(
      ...renderList(items, { paint, nowMs: clock.nowMs(), ...(width !== undefined && { width }) }),
    )
  }
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

async function put(context: CliContext, file: string, options: PutOptions) {
  const { terminal, json } = context
  const body = composeTemplate(await readJsonFile(context, file), options)
  // The orchestrator checks it, and says what is wrong with it.
  const answer = await withClient(context, (client) => client.templates.put(body as never))
  if (json) terminal.printJson(answer)
  else {
    const { name, version } = answer.template
    const reference = `${name}@${version}`
    terminal.log(
      answer.created
        ? `Template ${terminal.paint.bold(reference)} is written.`
        : `Nothing new: ${terminal.paint.bold(reference)} says the same.`,
    )
    terminal.print(reference)
  }
  return EXIT.ok
}

/** The file, with what the options say on top. @throws CliError USAGE */
function composeTemplate(json: JsonValue, { name, description, expect }: PutOptions): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new CliError('USAGE', 'a template is a JSON object', {
      fix: '`npx murmur templates put --help` shows examples.',
    })
  const fromFile: JsonObject = Array.isArray(json.steps) && json.plan === undefined ? { plan: json } : json
  return {
    ...fromFile,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(expect !== undefined && { version: expect }),
  }
}

async function show(context: CliContext, name: string) {
  const { terminal, clock, json } = context
  const found = await withClient(context, (client) => get(client, name))
  if (json) terminal.printJson(found)
  else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(
      ...renderTemplate(found, { paint, nowMs: clock.nowMs(), ...(width !== undefined && { width }) }),
    )
  }
  return EXIT.ok
}

async function diff(context: CliContext, from: string, to: string | undefined) {
  const { terminal, json } = context
  const [before, after] = await withClient(context, async (client) => {
    const second = await get(client, to ?? parseTemplateReference(from).name)
    const isAlone = to === undefined && parseTemplateReference(from).version === undefined
    const earlier = second.versions.find(({ version }) => version < second.template.version)
    if (isAlone && !earlier)
      throw new CliError('USAGE', `there is no version of ${from} before ${second.template.version}`, {
        fix: '`npx murmur templates show NAME` lists versions.',
      })
    const first = await get(client, isAlone ? `${from}@${earlier!.version}` : from)
    return [first.template, second.template] as const
  })
  const named = ({ name, version }: typeof before) => `${name}@${version}`
  if (json) {
    const lines = diffLines(linesOf(before), linesOf(after)).filter(({ kind }) => kind !== 'same')
    terminal.printJson({ from: named(before), to: named(after), lines })
  } else {
    terminal.log(printable(`${named(before)} → ${named(after)}`))
    terminal.print(...renderDiff(before, after, terminal.outPaint))
  }
  return EXIT.ok
}

async function deleteVersions(context: CliContext, reference: string, { all }: { all?: boolean }) {
  const { terminal, json } = context
  const { name, version } = parseTemplateReference(reference)
  if ((version === undefined) !== (all === true))
    throw new CliError(
      'USAGE',
      version === undefined
        ? `which version of ${name}? Nothing was deleted`
        : '--all goes with a name, not with a version',
      { fix: `\`npx murmur templates delete ${name}@1\` deletes one, \`… ${name} --all\` all of them.` },
    )
  const gone = await withClient(context, (client) => client.templates.delete(name, version))
  if (json) terminal.printJson(gone)
  else terminal.log(`Deleted: ${gone.versions.map((one) => `${gone.name}@${one}`).join(', ')}`)
  return EXIT.ok
}

function get(client: MurmurClient, reference: string) {
  const { name, version } = parseTemplateReference(reference)
  return client.templates.get(name, version)
}
