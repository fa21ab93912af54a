const chunkPaths = 1_000;

export interface ChunkOfPaths {
  number: number;
  firstPath: number;
  pathCount: number;
}

/** Splits paths into jobs of a thousand: a killed worker costs one of them. How it is split changes no byte. */
export function chunksOf(paths: number): ChunkOfPaths[] {
  return Array.from({ length: Math.ceil(paths / chunkPaths) }, (_, number) => ({
    number,
    firstPath: number * chunkPaths,
    pathCount: Math.min(chunkPaths, paths - number * chunkPaths),
  }));
}
