"""A disk that loses power, fills up or stands still, under the product's own code."""
