/** A load that its only reader has left: not a failure, somebody else should load. */
export class LoadAbandoned extends Error {}
