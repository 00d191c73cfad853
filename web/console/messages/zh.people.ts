/** Words of the screens under people. Chinese is the shape. */
export const zhPeople = {
};
