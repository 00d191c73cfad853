/** Words of the screens under rescoring. Chinese is the shape. */
export const zhRescoring = {
};
