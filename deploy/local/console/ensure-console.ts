import {
  type BuildSpec,
  buildFolder,
  contentHash,
  findBuild,
  type RunningBuild,
  startBuild,
} from '../builds/cached-build.ts'
import { projectRoot } from '../project-paths.ts'

const CONSOLE: BuildSpec = {
  name: 'murmur-console',
  inputs: [
    'services/console/**/*.{ts,tsx,css,html,svg,json}',
    'services/workflow/**/*.ts',
    'services/platform/{errors,json,clock}/*.ts',
    'schemas/**/*.ts',
    'docs/openapi.json',
    'package-lock.json',
  ],
  marker: 'index.html',
  program: 'services/console/build/main.ts',
}

export interface LocalConsole {
  /** Where it is, or will be once it is built. */
  readonly folder: string
  /** Undefined when it was there already. */
  readonly building: RunningBuild | undefined
}

/** A name that is the same as long as nothing that goes into the console has changed. */
export function consoleHash(root = projectRoot): Promise<string> {
  return contentHash(CONSOLE.inputs, root)
}

/** Where the console of a content is kept. */
export function consoleFolder(hash: string, root = projectRoot): string {
  return buildFolder(CONSOLE, hash, root)
}

/** The console of these sources; it is built, in a process of its own, where nobody has done that before. */
export async function ensureConsole(root = projectRoot): Promise<LocalConsole> {
  const { folder, isBuilt } = await findBuild(CONSOLE, root)
  return { folder, building: isBuilt ? undefined : startBuild(CONSOLE, folder, root) }
}
