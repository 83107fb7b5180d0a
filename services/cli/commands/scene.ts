import type { Command } from 'commander'
import type { Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { numberOption } from '../monitor/parse-shapes.ts'
import { waitingFor } from '../output/waiting.ts'
import { parseSceneList, renderScenes, runSceneRenderer } from '../scene/run-scenes.ts'
import { integerOption } from './arguments.ts'

interface RenderOptions {
  out: string
  truth?: string
  seed?: number
  width?: number
  height?: number
  fps?: number
  seconds?: number
}

const MAX_SEED = 2 ** 31 - 1

export function addScene(program: Command, run: Run): void {
  const scene = program
    .command('scene')
    .description('rendered test scenes with their exact truth: list, render, rules')
  addSceneList(scene, run)
  addSceneRender(scene, run)
  addSceneRules(scene, run)
}

function addSceneList(scene: Command, run: Run): void {
  scene
    .command('list')
    .description('which there are; each is a source of `monitor` as scene:NAME, too')
    .action(() =>
      run(async (context) => {
        const { json, terminal } = context
        const scenes = parseSceneList(await runSceneRenderer(context, ['list']))
        if (json) terminal.printJson({ scenes })
        else {
          const { outPaint: paint, columns: width } = terminal
          terminal.print(...renderScenes(scenes, { paint, ...(width !== undefined && { width }) }))
        }
        return EXIT.ok
      }),
    )
}

function addSceneRender(scene: Command, run: Run): void {
  scene
    .command('render')
    .description('draw one into a video file')
    .argument('<name>', 'see scene list')
    .requiredOption('--out <file>', 'the clip, an mp4')
    .option('--truth <file>', 'boxes, identities and events of every frame as JSON')
    .option(
      '--seed <n>',
      'another one gives another play of the same scene (default: 1)',
      integerOption(0, MAX_SEED),
    )
    .option('--width <px>', 'even (default: 960)', integerOption(64, 4096))
    .option('--height <px>', 'even (default: 540)', integerOption(64, 4096))
    .option('--fps <n>', 'frames a second (default: 10)', numberOption(0.1, 120))
    .option('--seconds <n>', "how long (default: the scene's own length)", numberOption(0.1, 3600))
    .action((name: string, options: RenderOptions) =>
      run(async (context) => {
        const { json, terminal } = context
        for (const side of ['width', 'height'] as const) {
          if ((options[side] ?? 0) % 2 !== 0) throw new CliError('USAGE', `--${side} must be even`)
        }
        const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)])
        await waitingFor(`rendering ${name}`, runSceneRenderer(context, ['render', name, ...args]), context)
        const { out, truth } = options
        if (json) terminal.printJson({ scene: name, out, ...(truth !== undefined && { truth }) })
        else
          terminal.log(
            `Rendered ${name} into ${out}${truth === undefined ? '' : `, its truth into ${truth}`}.`,
          )
        return EXIT.ok
      }),
    )
}

function addSceneRules(scene: Command, run: Run): void {
  scene
    .command('rules')
    .description('the zones, lines and rules that belong to one, as `monitor --rules` takes them')
    .argument('<name>', 'see scene list')
    .action((name: string) =>
      run(async (context) => {
        const rules = (await runSceneRenderer(context, ['rules', name])).trimEnd()
        if (context.json) context.terminal.printJson(JSON.parse(rules))
        else context.terminal.print(rules)
        return EXIT.ok
      }),
    )
}
