/** Words of the screens under blueprint. Chinese is the shape. */
export const zhBlueprint = {
};
