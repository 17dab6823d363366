import 'server-only'

import { AnchorAway, AnchorDiffers, type Anchor } from '#lib/audit/seal/anchor.ts'
import { now } from '#lib/clock.ts'
import { readUnverifiedCheckpoint } from '#lib/merkle/checkpoint.ts'
import type { Bucket, BucketSettings } from './open-bucket.ts'

const dayMilliseconds = 24 * 3600 * 1000

/** Where a checkpoint lies: by log, number of the tree and size, so that a listing is in their order. */
const keyOf = (note: string): string => {
  const { origin, size } = readUnverifiedCheckpoint(note)
  const [, base = origin, incarnation = '0'] = /^(.*)[/]([0-9]{1,9})$/.exec(origin) ?? []
  const folder = base.replaceAll(/[^A-Za-z0-9.-]/g, '_')
  return `${folder}/${incarnation.padStart(9, '0')}/${String(size).padStart(16, '0')}`
}

/**
 * An anchor in a bucket with object lock (S3, MinIO and their kin): each checkpoint is an object that nobody, the owner of the
 * account included, can overwrite or delete before its time (mode COMPLIANCE). What the bucket says it has kept is read back,
 * lock and all, before it counts. Versions that were hidden by a delete marker are seen.
 */
export const openBucketAnchor = (settings: BucketSettings, bucket: Bucket): Anchor => {
  const id = `bucket ${settings.name}`
  const Bucket = settings.name
  const { sdk, ask } = bucket

  const read = async (Key: string, VersionId: string | undefined) => {
    const found = await ask((client, options) =>
      client.send(
        new sdk.GetObjectCommand({ Bucket, Key, ...(VersionId !== undefined && { VersionId }) }),
        options,
      ),
    )
    const text = await found.Body?.transformToString()
    return { text: text ?? '', mode: found.ObjectLockMode, until: found.ObjectLockRetainUntilDate }
  }

  const list = async (): Promise<{ key: string; version: string | undefined }[]> => {
    const listed: { key: string; version: string | undefined }[] = []
    let KeyMarker: string | undefined
    let VersionIdMarker: string | undefined
    do {
      const page = await ask((client, options) =>
        client.send(
          new sdk.ListObjectVersionsCommand({
            Bucket,
            ...(KeyMarker !== undefined && { KeyMarker }),
            ...(VersionIdMarker !== undefined && { VersionIdMarker }),
          }),
          options,
        ),
      )
      for (const { Key, VersionId } of page.Versions ?? [])
        if (Key !== undefined) listed.push({ key: Key, version: VersionId })
      KeyMarker = page.IsTruncated === true ? page.NextKeyMarker : undefined
      VersionIdMarker = page.NextVersionIdMarker
    } while (KeyMarker !== undefined)
    return listed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  }

  return {
    id,
    async newest() {
      const last = (await list()).at(-1)
      return last && (await read(last.key, last.version)).text
    },
    async *all() {
      for (const { key, version } of await list()) yield (await read(key, version)).text
    },
    async keep(note) {
      const Key = keyOf(note)
      const until = new Date(now().getTime() + settings.days * dayMilliseconds)
      const version = await put(bucket, { Bucket, Key, note, until })
      const kept = await read(Key, version)
      if (kept.text !== note) throw new AnchorDiffers(`${id} holds something else under the same name`)
      if (kept.mode !== 'COMPLIANCE' || kept.until === undefined || kept.until.getTime() < now().getTime())
        throw new AnchorAway(`${id} does not lock what it keeps`)
      return version ?? null
    },
  }
}

/** Puts an object that is not there yet. @returns its version; undefined when there was one under this name */
const put = async (
  { sdk, ask }: Bucket,
  { Bucket, Key, note, until }: { Bucket: string; Key: string; note: string; until: Date },
): Promise<string | undefined> => {
  try {
    const command = new sdk.PutObjectCommand({
      Bucket,
      Key,
      Body: note,
      ContentType: 'text/plain; charset=utf-8',
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: until,
      ChecksumAlgorithm: 'SHA256',
      IfNoneMatch: '*',
    })
    const { VersionId } = await ask(
      (client, options) => client.send(command, options),
      ['PreconditionFailed'],
    )
    return VersionId
  } catch (error) {
    if (error instanceof AnchorAway) throw error
    return undefined
  }
}
