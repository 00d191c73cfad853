/** Words of the screens under items. Chinese is the shape. */
export const zhItems = {
};
