import { type Camera, project } from './camera.ts'
import type { Random } from './random.ts'
import { type Coverage, createFrameBuffer, type FrameBuffer, SAMPLES } from './raster/frame-buffer.ts'
import { type Mesh, STRIDE } from './raster/mesh.ts'
import { createRasteriser, type Draw, type Placement } from './raster/rasteriser.ts'
import { createShadowCaster, type Footprint } from './raster/shadows.ts'
import { createToneMapper, type Picture, type Region, type Sensor } from './raster/tone-mapping.ts'
import type { Ground } from './world/ground.ts'
import type { Lighting } from './world/lighting.ts'
import { paintGround } from './world/paint-ground.ts'
import type { Prop } from './world/props.ts'

/** All that stands still in a scene. */
export interface Street {
  ground: Ground
  lighting: Lighting
  sensor: Sensor
  props: readonly Prop[]
}

/** Something that moves, or may move: it has a box in the truth. */
export interface Actor {
  mesh: Mesh
  placement: Placement
  footprint: Footprint
}

/** What the picture shows of an actor: pixels, exclusive at the right and lower end; undefined when it is outside. */
export interface VisibleBox {
  box: [x1: number, y1: number, x2: number, y2: number]
  /** Share of its samples that are seen: what others hide and what the frame cuts off is missing. */
  visibility: number
}

/** A street in front of a camera, drawn once; actors are drawn into it frame by frame. */
export interface Renderer {
  /** Draws actors into a picture of width × height × 3 bytes, with noise of its own. */
  render(actors: readonly Actor[], out: Picture, noise: Random): (VisibleBox | undefined)[]
  /** What `render` says of these actors, without the work that only a picture needs: light, shadows, tones, noise. */
  measure(actors: readonly Actor[]): (VisibleBox | undefined)[]
}

/** Maximum of actors in a frame: object ids are bytes. */
export const MAX_ACTORS = 255

/** What a renderer draws into. Several renderers of one size, used one after another, can share it. */
export interface RenderBuffers {
  frameBuffer: FrameBuffer
  /** The street without actors: samples, then pixels. */
  light: Uint16Array
  inverseDepth: Float32Array
  clean: Picture
  picture: Picture
}

export function createRenderBuffers(width: number, height: number): RenderBuffers {
  const frameBuffer = createFrameBuffer(width, height)
  const bytes = width * height * 3
  return {
    frameBuffer,
    light: new Uint16Array(frameBuffer.light.length),
    inverseDepth: new Float32Array(frameBuffer.inverseDepth.length),
    clean: new Uint8Array(bytes),
    picture: new Uint8Array(bytes),
  }
}

/** Draws a street; takes tens of milliseconds, after which frames are cheap. */
export function createRenderer(
  camera: Camera,
  street: Street,
  buffers: RenderBuffers = createRenderBuffers(camera.width, camera.height),
): Renderer {
  const { width, height } = camera
  const { frameBuffer, clean, picture } = buffers
  frameBuffer.inverseDepth.fill(0)
  frameBuffer.objectId.fill(0)
  frameBuffer.stamp.fill(0)
  const rasteriser = createRasteriser(frameBuffer, camera)
  const toneMapper = createToneMapper(street.sensor, width)
  const shadows = createShadowCaster(camera, street.lighting)
  const full: Region = { minX: 0, minY: 0, maxX: width, maxY: height }
  paintGround(frameBuffer, camera, street)
  for (const prop of street.props) shadows.cast(prop.mesh, prop.placement, prop.footprint)
  shadows.blur(full)
  applyShadows(full, undefined)
  const resting = shadows.mask.slice()
  let stamp = 1
  for (const prop of street.props) {
    const light = { lighting: street.lighting, sunShare: 1 }
    rasteriser.drawMesh(prop.mesh, prop.placement, { objectId: 0, stamp, light })
  }
  buffers.light.set(frameBuffer.light)
  buffers.inverseDepth.set(frameBuffer.inverseDepth)
  toneMapper.toneMap(frameBuffer, clean, full)
  picture.set(clean)
  let dirty: Region[] = []

  function applyShadows(region: Region, before: Uint8Array | undefined): void {
    const { light, columns, inverseDepth } = frameBuffer
    for (let y = region.minY; y < region.maxY; y++) {
      for (let x = region.minX; x < region.maxX; x++) {
        const i = y * width + x
        const shown = before ? before[i]! : 0
        if (shadows.mask[i]! <= shown) continue
        const factor = (255 - shadows.mask[i]!) / (255 - shown)
        for (let s = 0; s < 4; s++) {
          const sample = (y * 2 + (s >> 1)) * columns + x * 2 + (s & 1)
          // What stands there is lit by itself; only the ground takes shadows.
          if (inverseDepth[sample] !== 0) continue
          light[sample * 3]! *= factor
          light[sample * 3 + 1]! *= factor
          light[sample * 3 + 2]! *= factor
        }
      }
    }
  }

  function restore(region: Region): void {
    const { columns } = frameBuffer
    for (let y = region.minY * SAMPLES; y < region.maxY * SAMPLES; y++) {
      const from = y * columns + region.minX * SAMPLES
      const to = y * columns + region.maxX * SAMPLES
      frameBuffer.light.set(buffers.light.subarray(from * 3, to * 3), from * 3)
      frameBuffer.inverseDepth.set(buffers.inverseDepth.subarray(from, to), from)
      frameBuffer.objectId.fill(0, from, to)
    }
    for (let y = region.minY; y < region.maxY; y++) {
      const from = y * width + region.minX
      const to = y * width + region.maxX
      shadows.mask.set(resting.subarray(from, to), from)
      picture.set(clean.subarray(from * 3, to * 3), from * 3)
    }
  }

  function sunShareAt({ x, z }: Placement): number {
    const at = project(camera, [x, 0.02, z])
    if (!at || at.x < 0 || at.y < 0 || at.x >= width || at.y >= height) return 1
    return resting[Math.floor(at.y) * width + Math.floor(at.x)]! > 110 ? 0.15 : 1
  }

  function clear(actors: readonly Actor[]): void {
    if (actors.length > MAX_ACTORS) throw new RangeError(`at most ${MAX_ACTORS} actors can be told apart`)
    for (const region of dirty) restore(region)
    dirty = []
    rasteriser.visible.fill(0)
  }

  function draw(actors: readonly Actor[], lightOf: (actor: Actor) => Draw['light']): Coverage[] {
    const coverages = actors.map((actor, i) => {
      stamp = (stamp % 65_000) + 1
      if (stamp === 1) frameBuffer.stamp.fill(0)
      return rasteriser.drawMesh(actor.mesh, actor.placement, {
        objectId: i + 1,
        stamp,
        light: lightOf(actor),
      })
    })
    for (const coverage of coverages) if (coverage.samples > 0) dirty.push(regionOf(coverage, full))
    dirty = unite(dirty)
    return coverages
  }

  function boxesOf(coverages: readonly Coverage[], actors: readonly Actor[]): (VisibleBox | undefined)[] {
    return coverages.map((coverage, i) =>
      visibleBoxOf(coverage, rasteriser.visible[i + 1]!, actors[i]!, camera),
    )
  }

  return {
    render(actors, out, noise) {
      clear(actors)
      for (const actor of actors) dirty.push(shadows.cast(actor.mesh, actor.placement, actor.footprint))
      for (const region of dirty) shadows.blur(region)
      for (const region of unite(dirty)) applyShadows(region, resting)
      const coverages = draw(actors, ({ placement }) => ({
        lighting: street.lighting,
        sunShare: sunShareAt(placement),
      }))
      for (const region of dirty) toneMapper.toneMap(frameBuffer, picture, region)
      toneMapper.addNoise(picture, out, noise)
      return boxesOf(coverages, actors)
    },
    measure(actors) {
      clear(actors)
      return boxesOf(
        draw(actors, () => undefined),
        actors,
      )
    },
  }
}

function visibleBoxOf(
  { samples, minX, minY, maxX, maxY }: Coverage,
  visible: number,
  actor: Actor,
  camera: Camera,
): VisibleBox | undefined {
  if (samples === 0) return undefined
  const inFrame = shareInFrame({ samples, minX, minY, maxX, maxY }, actor, camera)
  return {
    box: [minX / SAMPLES, minY / SAMPLES, maxX / SAMPLES, maxY / SAMPLES],
    visibility: Math.min(1, (visible / samples) * inFrame),
  }
}

/** Share of an actor's box that lies in the picture: its samples outside are not drawn, so boxes must do. */
function shareInFrame(
  { minX, minY, maxX, maxY }: Coverage,
  { mesh, placement }: Actor,
  camera: Camera,
): number {
  const { width, height } = camera
  if (minX > 0 && minY > 0 && maxX < width * SAMPLES && maxY < height * SAMPLES) return 1
  const [sin, cos] = [Math.sin(placement.yaw), Math.cos(placement.yaw)]
  let [left, top, right, low] = [minX / SAMPLES, minY / SAMPLES, maxX / SAMPLES, maxY / SAMPLES]
  const shown = (right - left) * (low - top)
  for (let i = 0; i < mesh.vertices; i++) {
    const at = i * STRIDE
    const [lx, ly, lz] = [mesh.data[at]!, mesh.data[at + 1]!, mesh.data[at + 2]!]
    const point = project(camera, [
      placement.x + lx * cos + lz * sin,
      (placement.y ?? 0) + ly,
      placement.z - lx * sin + lz * cos,
    ])
    if (!point) return 0
    left = Math.min(left, point.x)
    right = Math.max(right, point.x)
    top = Math.min(top, point.y)
    low = Math.max(low, point.y)
  }
  return Math.min(1, shown / ((right - left) * (low - top)))
}

function regionOf({ minX, minY, maxX, maxY }: Coverage, full: Region): Region {
  return {
    minX: Math.max(0, Math.floor(minX / SAMPLES)),
    minY: Math.max(0, Math.floor(minY / SAMPLES)),
    maxX: Math.min(full.maxX, Math.ceil(maxX / SAMPLES)),
    maxY: Math.min(full.maxY, Math.ceil(maxY / SAMPLES)),
  }
}

/** Regions that overlap become one, so that nothing is shaded or tone-mapped twice. */
function unite(regions: readonly Region[]): Region[] {
  let open = regions
    .filter(({ minX, minY, maxX, maxY }) => minX < maxX && minY < maxY)
    .map((region) => ({ ...region }))
  for (let merged = true; merged; ) {
    merged = false
    const done: Region[] = []
    for (const region of open) {
      const other = done.find(
        (known) =>
          region.minX < known.maxX &&
          known.minX < region.maxX &&
          region.minY < known.maxY &&
          known.minY < region.maxY,
      )
      if (!other) {
        done.push(region)
        continue
      }
      merged = true
      other.minX = Math.min(other.minX, region.minX)
      other.minY = Math.min(other.minY, region.minY)
      other.maxX = Math.max(other.maxX, region.maxX)
      other.maxY = Math.max(other.maxY, region.maxY)
    }
    open = done
  }
  return open
}
