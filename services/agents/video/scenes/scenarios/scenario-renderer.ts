import type { SceneFrame, SceneTruth } from '#schemas/scene-truth.ts'
import { type Camera, project } from '../camera.ts'
import { createRandom } from '../random.ts'
import {
  type Actor,
  createRenderBuffers,
  createRenderer,
  type RenderBuffers,
  type Renderer,
  type Street,
  type VisibleBox,
} from '../renderer.ts'
import { findEvents, type Watch } from '../truth/find-events.ts'
import { type AnimatedActor, drivenVehicle, parkedVehicle, walkingPerson } from './animated-actors.ts'
import type { Scenario, ScenarioScript, Spot } from './script.ts'
import { squareCamera, squareStreet } from './square.ts'
import { eventsSeen, type Heading, headingAt } from './tour.ts'

export interface ScenarioRenderOptions {
  seed: number
  width: number
  height: number
  fps: number
  /** The scenario's own length unless given. */
  seconds?: number
}

/** A scenario that is being drawn. */
export interface ScenarioRenderer {
  readonly frameCount: number
  /** What a monitor of it is to watch. */
  readonly watch: Watch
  /** Draws a frame: red, green, blue bytes; the buffer is used again. */
  renderFrame(index: number): { pixels: Uint8Array; frame: SceneFrame }
  /** The truth about a frame without its picture, in a fraction of the time. */
  measureFrame(index: number): SceneFrame
  /** The truth about frames that were drawn or measured. */
  groundTruth(frames: readonly SceneFrame[]): SceneTruth
}

interface Present {
  source: AnimatedActor
  actor: Actor
}

/** Sets a scenario up; the same options give the same pictures, in whatever order they are drawn. */
export function createScenarioRenderer(
  scenario: Scenario,
  { seed, width, height, fps, seconds = scenario.seconds }: ScenarioRenderOptions,
): ScenarioRenderer {
  const random = createRandom(seed)
  const pose = Math.floor(random.next() * 4_294_967_296)
  const street = squareStreet(random.fork())
  const script = scenario.write(random.fork())
  const { tour, effects = [], mast = { xM: 0, turn: 0 } } = script
  const cameraAt = (turn: number) =>
    squareCamera({ width, height }, createRandom(pose), { turn: mast.turn + turn, xM: mast.xM })
  const camera = cameraAt(0)
  const rendererAt = turningRenderer(cameraAt, street)
  const animated = animatedActorsOf(script)
  const watch = watchOf(script, camera, tour && 1)
  const noiseSeed = random.int(0, 1_000_000)
  const pixels = new Uint8Array(width * height * 3)
  const frameCount = Math.max(1, Math.round(seconds * fps))

  function presentAt(index: number): Present[] {
    return animated.flatMap((source) => {
      const actor = source.at(index / fps)
      return actor ? [{ source, actor }] : []
    })
  }

  function frameOf(
    index: number,
    present: readonly Present[],
    sightings: readonly (VisibleBox | undefined)[],
  ): SceneFrame {
    const boxes = present.flatMap(({ source }, i) => {
      const sighting = sightings[i]
      if (!sighting) return []
      const visibility = Math.round(sighting.visibility * 1000) / 1000
      return [{ id: source.id, class: source.class, box: sighting.box, visibility }]
    })
    return { index, atMs: Math.round((index * 1e6) / fps) / 1000, boxes }
  }

  return {
    frameCount,
    watch,
    renderFrame(index) {
      const present = presentAt(index)
      const actors = present.map(({ actor }) => actor)
      const heading = headingAt(tour, index / fps)
      const sightings = rendererAt(heading).render(actors, pixels, createRandom(noiseSeed + index))
      const chance = createRandom(noiseSeed - index)
      for (const effect of effects)
        effect({ picture: pixels, width, height, seconds: index / fps, random: chance })
      return { pixels, frame: frameOf(index, present, sightings) }
    },
    measureFrame(index) {
      const present = presentAt(index)
      const renderer = rendererAt(headingAt(tour, index / fps))
      return frameOf(index, present, renderer.measure(present.map(({ actor }) => actor)))
    },
    groundTruth(frames) {
      return {
        schema: 'murmuration.scene-truth/1',
        scenario: scenario.name,
        seed,
        width,
        height,
        fps,
        durationMs: (frameCount * 1000) / fps,
        zones: [...watch.zones],
        lines: [...watch.lines],
        rules: [...watch.rules],
        frames: [...frames],
        events: eventsSeen(tour, (home) => findEvents(watch, home, { width, height }), frames),
      }
    },
  }
}

/** Renderers of the views that a camera stays in are kept; one while it turns is for a frame. */
function turningRenderer(cameraAt: (turn: number) => Camera, street: Street): (heading: Heading) => Renderer {
  const views = new Map<number, Renderer>()
  let onTheWay: { turn: number; renderer: Renderer } | undefined
  let buffers: RenderBuffers | undefined
  return ({ turn, view }) => {
    const known = views.get(turn) ?? (onTheWay?.turn === turn ? onTheWay.renderer : undefined)
    if (known) return known
    const camera = cameraAt(turn)
    if (view === undefined) {
      buffers ??= createRenderBuffers(camera.width, camera.height)
      onTheWay = { turn, renderer: createRenderer(camera, street, buffers) }
      return onTheWay.renderer
    }
    const renderer = createRenderer(camera, street)
    views.set(turn, renderer)
    return renderer
  }
}

function animatedActorsOf({ persons, driven, parked }: ScenarioScript): AnimatedActor[] {
  let id = 0
  return [
    ...parked.map(({ appearance, placement }) => parkedVehicle(++id, appearance, placement)),
    ...persons.map((part) => walkingPerson(++id, part)),
    ...driven.map(({ appearance, route }) => drivenVehicle(++id, appearance, route)),
  ]
}

/** Zones and lines of the ground as the camera sees them. */
function watchOf({ zones, lines, rules }: ScenarioScript, camera: Camera, preset: number | undefined): Watch {
  const seen = (spot: Spot) => pictureShare(camera, spot)
  const here = preset === undefined ? {} : { preset }
  return {
    zones: zones.map(({ id, corners }) => ({ id, polygon: corners.map(seen), ...here })),
    lines: lines.map(({ id, from, to }) => ({ id, from: seen(from), to: seen(to), ...here })),
    rules: [...rules],
  }
}

function pictureShare(camera: Camera, [x, z]: Spot): [number, number] {
  const at = project(camera, [x, 0, z])
  if (!at) throw new RangeError('a zone lies behind the camera')
  const share = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
  return [share(at.x / camera.width), share(at.y / camera.height)]
}
