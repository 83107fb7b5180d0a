import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { SceneTruth } from '../../schemas/scene-truth.ts'
import { encodeClip } from '../../services/agents/video/scenes/output/encode-clip.ts'
import { findScenario } from '../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../services/agents/video/scenes/scenarios/scenario-renderer.ts'

/** A clip that a camera shows over and over, and what is true of it. */
export interface LoopedClip {
  /** Of its camera. */
  name: string
  file: string
  truth: SceneTruth
}

const PICTURES = { width: 640, height: 360, fps: 10 }
/** In turn, as many as there are cameras. */
const SHOWN = ['intruder', 'loiterer', 'crossing', 'yard'] as const

/** Draws a clip for each camera, with a key frame a second as cameras have it. */
export async function makeClips(ffmpeg: string, folder: string, count: number): Promise<LoopedClip[]> {
  const clips: LoopedClip[] = []
  for (let i = 0; i < count; i++) {
    const scenario = SHOWN[i % SHOWN.length]!
    const seed = 1 + Math.floor(i / SHOWN.length)
    const name = `${scenario}-${seed}`
    const size = { ...PICTURES, seed }
    const drawn = join(folder, `${name}-drawn.mp4`)
    const truth = await encodeClip(createScenarioRenderer(findScenario(scenario)!, size), size, drawn)
    const file = join(folder, `${name}.mp4`)
    const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '22', '-g', '10', '-bf', '0']
    execFileSync(ffmpeg, ['-v', 'error', '-y', '-i', drawn, ...coding, file])
    clips.push({ name, file, truth })
  }
  return clips
}
