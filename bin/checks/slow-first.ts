import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { slowTests } from './slow-tests.ts'

/** A quarter of a minute and more as well, though they belong to every run. */
export const longTests = ['lib/ops/demo/load-demo.db.test.ts', 'lib/phi/rotate/rotate-data-keys.db.test.ts']

/**
 * Begins with the tests that take longest, so that at the end no core waits for the other. Vitest goes by size of file where it
 * remembers no earlier run, and the longest wait is in the smallest file.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): boolean =>
      [...slowTests, ...longTests].some((pattern) =>
        path.matchesGlob(path.relative(import.meta.dirname, moduleId), path.join('../..', pattern)),
      )
    return (await super.sort(files)).toSorted((one, other) => Number(isSlow(other)) - Number(isSlow(one)))
  }
}
