"""`make load`: the service under the load of people with habits; what they were told is looked up."""
