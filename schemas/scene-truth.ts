import { z } from 'zod'
import { lineSchema, objectClassSchema, watchRuleSchema, zoneSchema } from './watch-rule.ts'

/** One object in one frame of a rendered scene. */
export const sceneBoxSchema = z.object({
  /** The same for the same object in every frame. */
  id: z.int().min(1),
  class: objectClassSchema,
  /** The whole extent of what the picture would show of it alone: left, top, right, bottom in pixels. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** Share of it that is seen: what others hide and what the frame cuts off is missing. */
  visibility: z.number().min(0).max(1),
})
export type SceneBox = z.infer<typeof sceneBoxSchema>

export const sceneFrameSchema = z.object({
  index: z.int().min(0),
  /** From the start of the scene. Milliseconds. */
  atMs: z.number().min(0),
  boxes: z.array(sceneBoxSchema),
})
export type SceneFrame = z.infer<typeof sceneFrameSchema>

/** A rule that came true, found by its definition from the boxes; docs/scenes.md has the definitions. */
export const sceneEventSchema = z.object({
  kind: z.enum(['crowd', 'intrusion', 'loitering', 'line-crossing']),
  rule: z.string(),
  /** From the start of the scene. Milliseconds. */
  atMs: z.number().min(0),
  /** The objects that it is about. */
  subjects: z.array(z.int()).min(1),
  zone: z.string().optional(),
  line: z.string().optional(),
  direction: z.enum(['left-to-right', 'right-to-left']).optional(),
})
export type SceneEvent = z.infer<typeof sceneEventSchema>

/** What is in a rendered scene, exactly. */
export const sceneTruthSchema = z.object({
  schema: z.literal('murmuration.scene-truth/1'),
  scenario: z.string(),
  seed: z.int().min(0),
  /** Pixels. */
  width: z.int(),
  height: z.int(),
  fps: z.number().positive(),
  durationMs: z.number(),
  /** What a monitor of the scene is to be started with. */
  zones: z.array(zoneSchema),
  lines: z.array(lineSchema),
  rules: z.array(watchRuleSchema),
  frames: z.array(sceneFrameSchema),
  events: z.array(sceneEventSchema),
})
export type SceneTruth = z.infer<typeof sceneTruthSchema>

export const sceneTruthExample: SceneTruth = {
  schema: 'murmuration.scene-truth/1',
  scenario: 'intruder',
  seed: 1,
  width: 960,
  height: 540,
  fps: 10,
  durationMs: 30_000,
  zones: [
    {
      id: 'gate',
      polygon: [
        [0.6, 0.5],
        [0.8, 0.5],
        [0.8, 0.7],
      ],
    },
  ],
  lines: [],
  rules: [
    {
      id: 'gate-access',
      kind: 'intrusion',
      zone: 'gate',
      classes: ['person'],
      severity: 'critical',
      cooldownMs: 60_000,
    },
  ],
  frames: [
    { index: 0, atMs: 0, boxes: [{ id: 1, class: 'person', box: [610, 240, 640, 320.5], visibility: 1 }] },
  ],
  events: [{ kind: 'intrusion', rule: 'gate-access', atMs: 8100, subjects: [1], zone: 'gate' }],
}
