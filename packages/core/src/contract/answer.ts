/**
 * What a store answers to a command. One that need not wait may answer at once, by the reply itself: that
 * saves its users a good part of what a lock costs.
 */
export type Answer<Reply> = Reply | Promise<Reply>
