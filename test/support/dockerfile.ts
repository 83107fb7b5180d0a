/** An instruction of a Dockerfile, its lines joined. */
export interface Instruction {
  name: string
  rest: string
}

export interface Stage {
  name: string
  /** Another stage, or what stands there. */
  base: string
  lines: Instruction[]
}

/** The stages of a Dockerfile, in order; what stands before the first is left out. Pure. */
export function parseDockerfile(text: string): Stage[] {
  const joined = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
  const stages: Stage[] = []
  for (const line of joined.split('\n')) {
    const [, name, rest] = /^([A-Z]+)\s+(.*\S)\s*$/.exec(line) ?? []
    if (name === undefined || rest === undefined) continue
    if (name === 'FROM') {
      const [, base = '', stage = ''] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? []
      stages.push({ name: stage, base, lines: [] })
    } else stages.at(-1)?.lines.push({ name, rest })
  }
  return stages
}

/** The stage and all that it is made from, the oldest first. @throws Error for one that is not there */
export function stagesOf(stages: readonly Stage[], name: string): Stage[] {
  const stage = stages.find((each) => each.name === name)
  if (!stage) throw new Error(`the Dockerfile has no stage ${name}`)
  const isStage = stages.some((each) => each.name === stage.base)
  return isStage ? [...stagesOf(stages, stage.base), stage] : [stage]
}

/** The words of an instruction, without quotes. Pure. */
export function words(rest: string): string[] {
  return [...rest.matchAll(/(?:[^\s"]+|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''))
}
