"""What is sold: categories, products, their pictures and their stock."""
