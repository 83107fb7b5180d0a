import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { projectRoot } from '../project-paths.ts'
import { bundleName, ORCHESTRATOR_MAIN } from './bundled-mains.ts'
import { type BuildSpec, findBuild, type RunningBuild, startBuild } from './cached-build.ts'

const SERVICES: BuildSpec = {
  name: 'murmur-services',
  inputs: [
    'services/{agents,edge,orchestrator,platform,sdk,workflow}/**/*.ts',
    'schemas/**/*.ts',
    'subjects/**/*.ts',
    'deploy/local/builds/*.ts',
    'package.json',
    'package-lock.json',
  ],
  marker: bundleName(ORCHESTRATOR_MAIN),
  program: 'deploy/local/builds/bundle-services.ts',
}

/**
 * Services in few files: a start from their sources resolves and loads a thousand modules in each process, which is half of the processor time that
 * a start takes. They are bundled after a start that found none for these sources, so that no start waits for it.
 */
export interface BundledServices {
  /** What to run for a service's main: its bundle, or the main itself where there is none. */
  programOf(main: string): string
  /**
   * Makes the bundles for the next start, unless they are there or somebody is at it.
   * @throws Error with what the build said; not when it was stopped
   */
  buildForNextTime(): Promise<void>
  /** Ends a build that is under way. */
  stop(): void
}

/** The bundles of the project's own services as their sources are now. */
export async function findBundledServices(root = projectRoot): Promise<BundledServices> {
  const { folder, isBuilt } = await findBuild(SERVICES, root)
  let building: RunningBuild | undefined
  return {
    programOf(main) {
      const bundle = join(folder, bundleName(relative(root, main)))
      return isBuilt && existsSync(bundle) ? bundle : main
    },
    async buildForNextTime() {
      if (isBuilt || building || isUnderWay(folder)) return
      building = startBuild(SERVICES, folder, root)
      await building.done.catch((error: unknown) => {
        if (!building?.isStopped()) throw error
      })
    },
    stop: () => building?.stop(),
  }
}

function isUnderWay(folder: string): boolean {
  const around = dirname(folder)
  return existsSync(around) && readdirSync(around).some((name) => name.startsWith(`${basename(folder)}.`))
}
