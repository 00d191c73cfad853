/** Words of the screens under audit. Chinese is the shape. */
export const zhAudit = {
};
